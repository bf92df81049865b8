#include "czlib.h"

#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

struct czlib_gunzip {
  z_stream zlib;
};

czlib_gunzip *czlib_gunzip_new(void) {
  czlib_gunzip *stream = calloc(1, sizeof *stream);
  if (!stream) return NULL;
  /* 15 bits of window, and 16 more for "gzip alone": zlib's own framing is refused. */
  if (inflateInit2(&stream->zlib, 15 + 16) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

czlib_status czlib_gunzip_reset(czlib_gunzip *stream) {
  return inflateReset(&stream->zlib) == Z_OK ? CZLIB_OK : CZLIB_CORRUPT;
}

czlib_status czlib_gunzip_run(
    czlib_gunzip *stream, const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size, size_t *used, size_t *made,
    const char **message) {
  *message = "";
  uInt available_in = in_size < UINT_MAX ? (uInt)in_size : UINT_MAX;
  uInt available_out = out_size < UINT_MAX ? (uInt)out_size : UINT_MAX;
  z_stream *zlib = &stream->zlib;
  zlib->next_in = (Bytef *)in;
  zlib->avail_in = available_in;
  zlib->next_out = out;
  zlib->avail_out = available_out;
  int code = inflate(zlib, Z_NO_FLUSH);
  *used = available_in - zlib->avail_in;
  *made = available_out - zlib->avail_out;
  zlib->next_in = NULL;
  zlib->next_out = NULL;
  switch (code) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing could go on, for want of input or room */
      return CZLIB_OK;
    case Z_STREAM_END:
      return CZLIB_MEMBER_END;
    case Z_MEM_ERROR:
      *message = "out of memory";
      return CZLIB_OUT_OF_MEMORY;
    case Z_NEED_DICT:
      *message = "it needs a dictionary";
      return CZLIB_CORRUPT;
    default:
      *message = zlib->msg ? zlib->msg : "invalid data"; /* zlib's messages are string literals */
      return CZLIB_CORRUPT;
  }
}

void czlib_gunzip_free(czlib_gunzip *stream) {
  if (!stream) return;
  inflateEnd(&stream->zlib);
  free(stream);
}
