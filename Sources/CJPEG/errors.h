/* libjpeg's error manager with a way out: the jump buffer, and a message and status for the caller. */
#pragma once
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "cjpeg.h"

typedef struct {
  struct jpeg_error_mgr base; /* first, so that libjpeg's pointer to it is a pointer to this */
  jmp_buf escape;
  cjpeg_status status;
  char *message;
} cjpeg_error_manager;

/* Fills the manager in; `message` takes CJPEG_MESSAGE_SIZE bytes. */
struct jpeg_error_mgr *cjpeg_prepare_errors(cjpeg_error_manager *manager, char *message);

/* Leaves through the jump buffer. */
_Noreturn void cjpeg_fail(j_common_ptr info, cjpeg_status status, const char *message);
