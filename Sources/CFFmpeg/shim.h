#ifndef KESS_CFFMPEG_SHIM_H
#define KESS_CFFMPEG_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

// Function-like macros that Swift does not import.
static const int kess_averror_eof = AVERROR_EOF;
static const int kess_averror_eagain = AVERROR(EAGAIN);
static const int kess_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int64_t kess_av_nopts_value = AV_NOPTS_VALUE;

#endif
