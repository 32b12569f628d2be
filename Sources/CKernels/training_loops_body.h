// Included once for each extension, with KESS_LOOPS its table and KESS_LOOPS_NAME its name.
#include "include/training_loops.h"

#pragma clang fp reassociate(on) contract(fast)

// An output may be an input, element by element: without this the compiler would take its slow
// path for memory that overlaps.
#define KESS_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

static inline float kess_least(float a, float b) { return a < b ? a : b; }
static inline float kess_most(float a, float b) { return a > b ? a : b; }

// Cephes' expf: 2^n times a polynomial in the remainder. Adding and subtracting 1.5 * 2^23 would be
// optimised away where sums may be reordered, so n comes of a conversion.
static inline float exponential(float x) {
  float clamped = kess_least(kess_most(x, -87.0f), 88.0f);
  float scaled = clamped * 1.44269504f;
  int whole = (int)(scaled + (scaled < 0 ? -0.5f : 0.5f));
  float n = (float)whole;
  float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1;
  union {
    int bits;
    float value;
  } power = {.bits = (whole + 127) << 23};
  // NaN passes through the comparisons above as a bound: let it out again.
  return x == x ? p * power.value : x;
}

static inline float logistic(float x) { return 1.0f / (1.0f + exponential(-x)); }

static inline float gelu_slope(float x) {
  float s = logistic(1.702f * x);
  return s + 1.702f * x * s * (1.0f - s);
}

static void quick_gelu(const float *x, float *y, long count) {
  KESS_ELEMENTWISE
  for (long i = 0; i < count; i++) y[i] = x[i] * logistic(1.702f * x[i]);
}

static void quick_gelu_gradient(const float *x, const float *dy, float *dx, long count) {
  KESS_ELEMENTWISE
  for (long i = 0; i < count; i++) dx[i] = dy[i] * gelu_slope(x[i]);
}

static void add(float *restrict x, const float *restrict y, long count) {
  for (long i = 0; i < count; i++) x[i] += y[i];
}

static void scale(float *x, float factor, long count) {
  KESS_ELEMENTWISE
  for (long i = 0; i < count; i++) x[i] *= factor;
}

static void fill_rows(float *restrict y, const float *restrict row, long rows, long width) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < width; c++) y[r * width + c] = row[c];
}

static void add_rows(const float *restrict x, float *restrict sums, long rows, long width) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < width; c++) sums[c] += x[r * width + c];
}

static void stage(
    const float *restrict x, const float *restrict before, const float *restrict weight,
    const float *restrict bias, float *restrict standard, float *restrict inverse,
    float *restrict y, long rows, long width, float epsilon) {
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * width, *old = before + r * width;
    float *s = standard + r * width, *out = y + r * width;
    float sum = 0, squares = 0;
    for (long c = 0; c < width; c++) sum += in[c];
    float mean = sum / (float)width;
    for (long c = 0; c < width; c++) squares += (in[c] - mean) * (in[c] - mean);
    float factor = 1.0f / __builtin_sqrtf(squares / (float)width + epsilon);
    inverse[r] = factor;
    for (long c = 0; c < width; c++) {
      float e = (in[c] - mean) * factor;
      float z = e * weight[c] + bias[c];
      s[c] = e;
      out[c] = old[c] + z * logistic(1.702f * z);
    }
  }
}

static void stage_gradient(
    const float *restrict dy, const float *restrict standard, const float *restrict inverse,
    const float *restrict weight, const float *restrict bias, float *restrict dx,
    float *restrict dweight, float *restrict dbias, float *restrict dx_sums, long rows,
    long width) {
  for (long r = 0; r < rows; r++) {
    const float *d = dy + r * width, *s = standard + r * width;
    float *out = dx + r * width;
    float sum = 0, dot = 0;
    for (long c = 0; c < width; c++) {
      float slope = d[c] * gelu_slope(s[c] * weight[c] + bias[c]);
      dweight[c] += slope * s[c];
      dbias[c] += slope;
      float h = slope * weight[c];
      out[c] = h;
      sum += h;
      dot += h * s[c];
    }
    float mean = sum / (float)width, tilt = dot / (float)width, factor = inverse[r];
    for (long c = 0; c < width; c++) {
      float slope = (out[c] - mean - s[c] * tilt) * factor;
      out[c] = slope;
      dx_sums[c] += slope;
    }
  }
}

static void normalize(
    const float *restrict x, const float *restrict weight, const float *restrict bias,
    float *restrict y, float *restrict mean, float *restrict inverse, long rows, long width,
    float epsilon) {
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * width;
    float *out = y + r * width;
    float sum = 0, squares = 0;
    for (long c = 0; c < width; c++) sum += in[c];
    float centre = sum / (float)width;
    for (long c = 0; c < width; c++) squares += (in[c] - centre) * (in[c] - centre);
    float factor = 1.0f / __builtin_sqrtf(squares / (float)width + epsilon);
    mean[r] = centre;
    inverse[r] = factor;
    for (long c = 0; c < width; c++) out[c] = (in[c] - centre) * factor * weight[c] + bias[c];
  }
}

static void normalize_gradient(
    const float *restrict dy, const float *restrict x, const float *restrict weight,
    const float *restrict mean, const float *restrict inverse, float *restrict dx,
    float *restrict dweight, float *restrict dbias, long rows, long width) {
  for (long r = 0; r < rows; r++) {
    const float *d = dy + r * width, *in = x + r * width;
    float *out = dx + r * width;
    float centre = mean[r], factor = inverse[r], sum = 0, dot = 0;
    for (long c = 0; c < width; c++) {
      float s = (in[c] - centre) * factor, h = d[c] * weight[c];
      dweight[c] += d[c] * s;
      dbias[c] += d[c];
      sum += h;
      dot += h * s;
    }
    float level = sum / (float)width, tilt = dot / (float)width;
    for (long c = 0; c < width; c++) {
      float s = (in[c] - centre) * factor;
      out[c] += (d[c] * weight[c] - level - s * tilt) * factor;
    }
  }
}

static void unit(
    const float *restrict x, float *restrict y, float *restrict inverse, long rows, long width) {
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * width;
    float squares = 0;
    for (long c = 0; c < width; c++) squares += in[c] * in[c];
    float factor = 1.0f / kess_most(__builtin_sqrtf(squares), 1e-12f);
    inverse[r] = factor;
    for (long c = 0; c < width; c++) y[r * width + c] = in[c] * factor;
  }
}

static void unit_gradient(
    const float *restrict dy, const float *restrict u, const float *restrict inverse,
    float *restrict dx, long rows, long width) {
  for (long r = 0; r < rows; r++) {
    const float *d = dy + r * width, *y = u + r * width;
    float dot = 0, factor = inverse[r];
    // A row of zeros is divided by a constant.
    if (factor < 1e12f)
      for (long c = 0; c < width; c++) dot += d[c] * y[c];
    for (long c = 0; c < width; c++) dx[r * width + c] += (d[c] - y[c] * dot) * factor;
  }
}

static void softmax(float *x, long rows, long width, long stride) {
  for (long r = 0; r < rows; r++) {
    float *row = x + r * stride;
    float largest = -__builtin_inff(), sum = 0;
    for (long c = 0; c < width; c++) largest = kess_most(row[c], largest);
    for (long c = 0; c < width; c++) {
      row[c] = exponential(row[c] - largest);
      sum += row[c];
    }
    float share = 1.0f / sum;
    for (long c = 0; c < width; c++) row[c] *= share;
  }
}

static void threshold_softmax(
    float *x, float *filtered, long rows, long width, float threshold, float replacement) {
  for (long r = 0; r < rows; r++) {
    float *row = x + r * width;
    float largest = -__builtin_inff(), sum = 0;
    for (long c = 0; c < width; c++) {
      row[c] = row[c] <= threshold ? replacement : row[c];
      largest = kess_most(row[c], largest);
    }
    for (long c = 0; c < width; c++) {
      row[c] = exponential(row[c] - largest);
      sum += row[c];
    }
    float share = 1.0f / sum;
    filtered[r] = exponential(replacement - largest) * share;
    for (long c = 0; c < width; c++) row[c] *= share;
  }
}

static void softmax_gradient(
    const float *y, const float *dy, float *dx, long rows, long width, long stride) {
  for (long r = 0; r < rows; r++) {
    const float *out = y + r * stride, *d = dy + r * stride;
    float *in = dx + r * stride;
    float dot = 0;
    for (long c = 0; c < width; c++) dot += d[c] * out[c];
    KESS_ELEMENTWISE
    for (long c = 0; c < width; c++) in[c] = out[c] * (d[c] - dot);
  }
}

static void threshold_softmax_gradient(
    const float *y, const float *filtered, const float *dy, float *dx, long rows, long width) {
  for (long r = 0; r < rows; r++) {
    const float *out = y + r * width, *d = dy + r * width;
    float *in = dx + r * width;
    // Those that were kept are above it by a factor of e^threshold at least.
    float level = filtered[r] * 1.0001f, dot = 0;
    for (long c = 0; c < width; c++) dot += d[c] * out[c];
    KESS_ELEMENTWISE
    for (long c = 0; c < width; c++) in[c] = out[c] > level ? out[c] * (d[c] - dot) : 0.0f;
  }
}

static void spread(
    const float *restrict x, float *restrict y, float *restrict state, long rows, long width,
    long stride, float ratio, int adds) {
  for (long c = 0; c < width; c++) state[c] = 0;
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * stride;
    float *out = y + r * stride;
    if (adds) {
      for (long c = 0; c < width; c++) {
        state[c] = state[c] * ratio + in[c];
        out[c] += state[c];
      }
    } else {
      for (long c = 0; c < width; c++) {
        state[c] = state[c] * ratio + in[c];
        out[c] = state[c];
      }
    }
  }
  for (long c = 0; c < width; c++) state[c] = 0;
  for (long r = rows - 1; r >= 0; r--) {
    const float *in = x + r * stride;
    float *out = y + r * stride;
    for (long c = 0; c < width; c++) {
      state[c] *= ratio;
      out[c] += state[c];
      state[c] += in[c];
    }
  }
}

static void classify(
    const float *restrict x, const float *restrict hidden, const float *restrict w,
    const float *restrict v, float constant, float *restrict logits, long rows, long width,
    long hidden_width) {
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * width, *h = hidden + r * hidden_width;
    float sum = 0, rest = 0;
    for (long c = 0; c < width; c++) sum += in[c] * w[c];
    for (long c = 0; c < hidden_width; c++) rest += h[c] * logistic(1.702f * h[c]) * v[c];
    logits[r] = constant + sum + rest;
  }
}

static void classify_gradient(
    const float *restrict x, const float *restrict hidden, const float *restrict w,
    const float *restrict v, const float *restrict slopes, const float *restrict weights,
    const float *restrict dvector, float *restrict dx, float *restrict dhidden,
    float *restrict dw, float *restrict dq, float *restrict dhidden_sums, long rows, long width,
    long hidden_width) {
  for (long r = 0; r < rows; r++) {
    const float *in = x + r * width, *h = hidden + r * hidden_width;
    float *out = dx + r * width, *dh = dhidden + r * hidden_width;
    float slope = slopes[r], weight = weights[r];
    for (long c = 0; c < width; c++) {
      out[c] += weight * dvector[c] + slope * w[c];
      dw[c] += slope * in[c];
    }
    for (long c = 0; c < hidden_width; c++) {
      float s = logistic(1.702f * h[c]), g = h[c] * s;
      float d = slope * v[c] * (s + 1.702f * g * (1.0f - s));
      dq[c] += slope * g;
      dh[c] = d;
      dhidden_sums[c] += d;
    }
  }
}

static void add_weighted(
    const float *restrict x, const float *restrict weights, float *restrict vector, long rows,
    long width) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < width; c++) vector[c] += weights[r] * x[r * width + c];
}

static void dot_rows(
    const float *restrict x, const float *restrict vector, float *restrict out, long rows,
    long width) {
  for (long r = 0; r < rows; r++) {
    float sum = 0;
    for (long c = 0; c < width; c++) sum += x[r * width + c] * vector[c];
    out[r] = sum;
  }
}

static void sigmoid(const float *x, float *y, long count) {
  KESS_ELEMENTWISE
  for (long i = 0; i < count; i++) y[i] = logistic(x[i]);
}

const struct kess_training_loops KESS_LOOPS = {
    .name = KESS_LOOPS_NAME,
    .quick_gelu = quick_gelu,
    .quick_gelu_gradient = quick_gelu_gradient,
    .add = add,
    .scale = scale,
    .fill_rows = fill_rows,
    .add_rows = add_rows,
    .stage = stage,
    .stage_gradient = stage_gradient,
    .normalize = normalize,
    .normalize_gradient = normalize_gradient,
    .unit = unit,
    .unit_gradient = unit_gradient,
    .softmax = softmax,
    .threshold_softmax = threshold_softmax,
    .softmax_gradient = softmax_gradient,
    .threshold_softmax_gradient = threshold_softmax_gradient,
    .spread = spread,
    .classify = classify,
    .classify_gradient = classify_gradient,
    .add_weighted = add_weighted,
    .dot_rows = dot_rows,
    .sigmoid = sigmoid,
};
