/* Decompression of gzip through zlib. No function keeps a pointer it was given. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CZLIB_OK = 0,        /* goes on: give more input, or more room */
  CZLIB_MEMBER_END,    /* a member is whole, and its checksum and length are right */
  CZLIB_CORRUPT,       /* the data contradicts itself */
  CZLIB_OUT_OF_MEMORY,
} czlib_status;

/* The state of one stream; one thread at a time. */
typedef struct czlib_gunzip czlib_gunzip;

/* A new stream, or NULL without memory. */
czlib_gunzip *czlib_gunzip_new(void);

/* Expects the header of another member. */
__attribute__((warn_unused_result)) czlib_status czlib_gunzip_reset(czlib_gunzip *stream);

/* Decompresses at most out_size bytes from at most in_size bytes. `used` and `made` say how many of each went through;
 * both can be 0. On failure `message` points to a static string. */
__attribute__((warn_unused_result)) czlib_status czlib_gunzip_run(
    czlib_gunzip *stream, const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size, size_t *used, size_t *made,
    const char **message);

void czlib_gunzip_free(czlib_gunzip *stream);

#ifdef __cplusplus
}
#endif
