#include "errors.h"

#include <string.h>

#include <jerror.h>

static cjpeg_status status_of(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
    case JERR_WIDTH_OVERFLOW:
      return CJPEG_OUT_OF_MEMORY;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
      return CJPEG_TRUNCATED;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
      return CJPEG_UNSUPPORTED;
    default:
      return CJPEG_CORRUPT;
  }
}

static _Noreturn void leave(j_common_ptr info) {
  cjpeg_error_manager *manager = (cjpeg_error_manager *)info->err;
  char text[JMSG_LENGTH_MAX];
  (*info->err->format_message)(info, text);
  manager->status = status_of(info->err->msg_code);
  snprintf(manager->message, CJPEG_MESSAGE_SIZE, "%s", text);
  longjmp(manager->escape, 1);
}

/* Warnings that leave every pixel as its author meant it pass; any other means that pixels are guessed. */
static void emit_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
      return;
    default:
      leave(info);
  }
}

static void print_nothing(j_common_ptr info) { (void)info; }

struct jpeg_error_mgr *cjpeg_prepare_errors(cjpeg_error_manager *manager, char *message) {
  memset(manager, 0, sizeof *manager);
  jpeg_std_error(&manager->base);
  manager->base.error_exit = leave;
  manager->base.emit_message = emit_message;
  manager->base.output_message = print_nothing;
  manager->status = CJPEG_CORRUPT;
  manager->message = message;
  message[0] = 0;
  return &manager->base;
}

_Noreturn void cjpeg_fail(j_common_ptr info, cjpeg_status status, const char *message) {
  cjpeg_error_manager *manager = (cjpeg_error_manager *)info->err;
  manager->status = status;
  snprintf(manager->message, CJPEG_MESSAGE_SIZE, "%s", message);
  longjmp(manager->escape, 1);
}
