/* Random bits by number: the same of the same counter and key, in any order and on any thread. Philox4x32-10 of Salmon,
 * Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#ifndef XJ_PHILOX_H
#define XJ_PHILOX_H

#include <stdint.h>

typedef struct {
  uint32_t words[4];
} xj_philox_block;

typedef struct {
  uint32_t key[2];
  uint64_t run; /* how many runs there were: each has numbers of its own */
} xj_philox;

/* The key of a seed other than 0; of 0 one that nobody knows. `place` is an address, to tell programs made at one
 * time apart. */
xj_philox xj_philox_start(int32_t seed, const void *place);

static inline xj_philox_block xj_philox_of(const uint32_t counter[4], const uint32_t key[2]) {
  uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3], k0 = key[0], k1 = key[1];
  for (int32_t round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const uint64_t first = (uint64_t)0xD2511F53u * a, second = (uint64_t)0xCD9E8D57u * c;
    a = (uint32_t)(second >> 32) ^ b ^ k0;
    b = (uint32_t)second;
    c = (uint32_t)(first >> 32) ^ d ^ k1;
    d = (uint32_t)first;
  }
  return (xj_philox_block){{a, b, c, d}};
}

/* Block `index` of this run; `attempt` tells those apart that are drawn for the same place. */
static inline xj_philox_block xj_philox_block_of(const xj_philox *philox, uint32_t index, uint32_t attempt) {
  const uint32_t counter[4] = {index, attempt, (uint32_t)philox->run, (uint32_t)(philox->run >> 32)};
  return xj_philox_of(counter, philox->key);
}

#endif
