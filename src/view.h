/* A node as its kernel sees it, for the declared shapes or for those that facts hold. */
#ifndef XJ_VIEW_H
#define XJ_VIEW_H

#include "src/graph.h"

enum { XJ_VIEW_ROOM = 8 };

typedef struct {
  xj_node_view view;
  void *block; /* the arrays of nodes with more inputs than there is room for */
  xj_type types[XJ_VIEW_ROOM], declared[XJ_VIEW_ROOM + 1], output;
  const void *known[XJ_VIEW_ROOM];
  bool constants[XJ_VIEW_ROOM];
  uint8_t written[XJ_VIEW_ROOM];
} xj_view_room;

/* Fills room->view, which points into `room`; close it in either case. facts: NULL for the declared shapes. The
 * output's type is set if `has_output`. */
xj_status xj_view_open(const xj_graph *graph, const xj_node *node, const xj_facts *facts, bool has_output,
                       xj_view_room *room);
void xj_view_close(xj_view_room *room);

#endif
