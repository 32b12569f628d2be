#ifndef KESS_CJPEG_SHIM_H
#define KESS_CJPEG_SHIM_H

#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// libjpeg reports a fatal error by a callback that must not return, which only
// longjmp can leave, and Swift frames must not be jumped over: the whole call
// sequence is therefore here. `message` holds JMSG_LENGTH_MAX bytes.

struct kess_jpeg_error {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  char *message;
  int is_truncated;
};

static void kess_jpeg_fail(j_common_ptr info) {
  struct kess_jpeg_error *error = (struct kess_jpeg_error *)info->err;
  error->base.format_message(info, error->message);
  longjmp(error->escape, 1);
}

static void kess_jpeg_quiet(j_common_ptr info) { (void)info; }

// Warnings are about data that can still be shown, except that the in-memory
// source makes up an end where the data stops.
static void kess_jpeg_remark(j_common_ptr info, int level) {
  struct kess_jpeg_error *error = (struct kess_jpeg_error *)info->err;
  if (level < 0) {
    error->base.num_warnings++;
    if (error->base.msg_code == JWRN_JPEG_EOF) error->is_truncated = 1;
  }
}

// Interleaved RGB rows from a JPEG. The caller frees `*pixels` with free().
// Returns 0, or -1 with `message` set. `*components` is 4 for CMYK, which is not
// decoded.
static inline int kess_jpeg_decode(
    const unsigned char *bytes, unsigned long count, unsigned char **pixels, int *width,
    int *height, int *components, int *is_truncated, char *message) {
  struct jpeg_decompress_struct info;
  struct kess_jpeg_error error;
  unsigned char *volatile rows = NULL;
  memset(&info, 0, sizeof info);
  *components = 0;
  info.err = jpeg_std_error(&error.base);
  error.base.error_exit = kess_jpeg_fail;
  error.base.output_message = kess_jpeg_quiet;
  error.base.emit_message = kess_jpeg_remark;
  error.message = message;
  error.is_truncated = 0;
  if (setjmp(error.escape)) {
    jpeg_destroy_decompress(&info);
    free(rows);
    return -1;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, count);
  jpeg_read_header(&info, TRUE);
  *components = info.num_components;
  if (info.num_components == 4) {
    jpeg_destroy_decompress(&info);
    return -1;
  }
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  size_t stride = (size_t)info.output_width * 3;
  rows = (unsigned char *)malloc(stride * info.output_height);
  if (rows == NULL) {
    strcpy(message, "out of memory");
    jpeg_destroy_decompress(&info);
    return -1;
  }
  while (info.output_scanline < info.output_height) {
    unsigned char *row = rows + stride * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  *pixels = rows;
  *width = (int)info.output_width;
  *height = (int)info.output_height;
  *is_truncated = error.is_truncated;
  jpeg_destroy_decompress(&info);
  return 0;
}

// A JPEG of interleaved RGB rows, 4:4:4 when `full_chroma`. The caller frees
// `*bytes` with free(). Returns 0, or -1 with `message` set.
static inline int kess_jpeg_encode(
    const unsigned char *pixels, int width, int height, int quality, int full_chroma,
    unsigned char **bytes, unsigned long *count, char *message) {
  struct jpeg_compress_struct info;
  struct kess_jpeg_error error;
  memset(&info, 0, sizeof info);
  *bytes = NULL;
  *count = 0;
  info.err = jpeg_std_error(&error.base);
  error.base.error_exit = kess_jpeg_fail;
  error.base.output_message = kess_jpeg_quiet;
  error.message = message;
  if (setjmp(error.escape)) {
    jpeg_destroy_compress(&info);
    free(*bytes);
    *bytes = NULL;
    return -1;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, bytes, count);
  info.image_width = (JDIMENSION)width;
  info.image_height = (JDIMENSION)height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.optimize_coding = TRUE;
  if (full_chroma) {
    info.comp_info[0].h_samp_factor = 1;
    info.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * (size_t)width * 3);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return 0;
}

#endif
