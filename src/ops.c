/* The op table and its schema text. A row without a kernel xj_OP_kernel does not link. */
#include "src/op.h"

#define XJ_OP(op, least, most, outputs, flags, attributes) extern const xj_kernel xj_##op##_kernel;
#include "src/ops.def"
#undef XJ_OP

const xj_op_row xj_ops[XJ_N_OPS] = {
#define XJ_OP(op, least, most, outputs, flags, attributes)                                                             \
  {#op, least, most, flags, sizeof(xj_##op##_attributes), &xj_##op##_kernel},
#include "src/ops.def"
#undef XJ_OP
};

const char *xj_schema(void) {
  return ""
#define I32(name) " " #name ":i"
#define F32(name) " " #name ":f"
#define I32S(name) " " #name ":I"
#define NONE " unused:i"
#define XJ_OP(op, least, most, outputs, flags, attributes) #op " " #least " " #most " " #outputs attributes "\n"
#include "src/ops.def"
#undef XJ_OP
#undef I32
#undef F32
#undef I32S
#undef NONE
      ;
}
