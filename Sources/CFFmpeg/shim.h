#ifndef KESS_CFFMPEG_SHIM_H
#define KESS_CFFMPEG_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Function-like macros that Swift does not import.
static const int kess_averror_eof = AVERROR_EOF;
static const int kess_averror_eagain = AVERROR(EAGAIN);
static const int kess_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int kess_averror_invaliddata = AVERROR_INVALIDDATA;
static const int kess_averror_enomem = AVERROR(ENOMEM);
static const int64_t kess_av_nopts_value = AV_NOPTS_VALUE;

// Swift has no plain access to the plane arrays of a frame, which are tuples
// there: the whole picture into green, blue and red planes, one after the other,
// and one packed plane into a picture.
static inline int kess_sws_to_planes(
    struct SwsContext *context, const AVFrame *frame, uint8_t *planes, size_t plane_size,
    int stride) {
  uint8_t *to[4] = {planes, planes + plane_size, planes + 2 * plane_size, NULL};
  int strides[4] = {stride, stride, stride, 0};
  return sws_scale(
      context, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, to,
      strides);
}

static inline int kess_sws_from_packed(
    struct SwsContext *context, const uint8_t *pixels, int stride, int height, AVFrame *frame) {
  const uint8_t *planes[4] = {pixels, NULL, NULL, NULL};
  int strides[4] = {stride, 0, 0, 0};
  return sws_scale(context, planes, strides, 0, height, frame->data, frame->linesize);
}

static inline int kess_sws_packed_to_packed(
    struct SwsContext *context, const uint8_t *source, int stride, int height, uint8_t *pixels,
    int target_stride) {
  const uint8_t *from[4] = {source, NULL, NULL, NULL};
  uint8_t *to[4] = {pixels, NULL, NULL, NULL};
  int from_strides[4] = {stride, 0, 0, 0};
  int to_strides[4] = {target_stride, 0, 0, 0};
  return sws_scale(context, from, from_strides, 0, height, to, to_strides);
}

#endif
