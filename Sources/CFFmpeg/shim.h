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
#include <stdio.h>
#include <string.h>

// Function-like macros that Swift does not import.
static const int kess_averror_eof = AVERROR_EOF;
static const int kess_averror_eagain = AVERROR(EAGAIN);
static const int kess_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int kess_averror_invaliddata = AVERROR_INVALIDDATA;
static const int kess_averror_enomem = AVERROR(ENOMEM);
static const int64_t kess_av_nopts_value = AV_NOPTS_VALUE;

// Bytes in memory as the input of a demuxer.
struct kess_memory {
  uint8_t *bytes;
  int64_t size;
  int64_t place;
};

static inline int kess_memory_read(void *opaque, uint8_t *to, int wanted) {
  struct kess_memory *memory = (struct kess_memory *)opaque;
  int64_t left = memory->size - memory->place;
  if (left <= 0) return AVERROR_EOF;
  int count = left < wanted ? (int)left : wanted;
  memcpy(to, memory->bytes + memory->place, count);
  memory->place += count;
  return count;
}

static inline AVIOContext *kess_memory_open(const uint8_t *bytes, size_t size) {
  struct kess_memory *memory = (struct kess_memory *)av_mallocz(sizeof(*memory));
  uint8_t *buffer = (uint8_t *)av_malloc(4096);
  uint8_t *copy = (uint8_t *)av_memdup(bytes, size);
  AVIOContext *context = NULL;
  if (memory && buffer && copy) {
    memory->bytes = copy;
    memory->size = (int64_t)size;
    context = avio_alloc_context(buffer, 4096, 0, memory, kess_memory_read, NULL, NULL);
  }
  if (!context) {
    av_free(memory);
    av_free(buffer);
    av_free(copy);
  }
  return context;
}

// The first bytes of a file as the input of a demuxer.
struct kess_part {
  FILE *file;
  int64_t size;
};

static inline int kess_part_read(void *opaque, uint8_t *to, int wanted) {
  struct kess_part *part = (struct kess_part *)opaque;
  int64_t left = part->size - ftello(part->file);
  if (left <= 0) return AVERROR_EOF;
  size_t count = fread(to, 1, left < wanted ? (size_t)left : (size_t)wanted, part->file);
  return count > 0 ? (int)count : AVERROR_EOF;
}

static inline int64_t kess_part_seek(void *opaque, int64_t offset, int whence) {
  struct kess_part *part = (struct kess_part *)opaque;
  if (whence == AVSEEK_SIZE) return part->size;
  if (whence == SEEK_END) {
    offset += part->size;
    whence = SEEK_SET;
  }
  return fseeko(part->file, offset, whence) == 0 ? ftello(part->file) : AVERROR(EIO);
}

static inline AVIOContext *kess_part_open(const char *path, int64_t size) {
  struct kess_part *part = (struct kess_part *)av_mallocz(sizeof(*part));
  uint8_t *buffer = (uint8_t *)av_malloc(1 << 16);
  AVIOContext *context = NULL;
  if (part && buffer && (part->file = fopen(path, "rb"))) {
    part->size = size;
    context = avio_alloc_context(
        buffer, 1 << 16, 0, part, kess_part_read, NULL, kess_part_seek);
    if (!context) fclose(part->file);
  }
  if (!context) {
    av_free(part);
    av_free(buffer);
  }
  return context;
}

static inline void kess_part_close(AVIOContext *context) {
  struct kess_part *part = (struct kess_part *)context->opaque;
  fclose(part->file);
  av_free(part);
  av_freep(&context->buffer);
  avio_context_free(&context);
}

static inline void kess_memory_close(AVIOContext *context) {
  struct kess_memory *memory = (struct kess_memory *)context->opaque;
  av_free(memory->bytes);
  av_free(memory);
  av_freep(&context->buffer);
  avio_context_free(&context);
}

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
