// The element-wise loops of training's explicit forward and backward passes
// (NeuralNetworks/VideoProgram), over rows of 32-bit floats. Sums are over lanes, hence in an
// order that depends on the processor, and the same at every run on it.
#ifndef KESS_TRAINING_LOOPS_H
#define KESS_TRAINING_LOOPS_H

struct kess_training_loops {
  // The extension that the loops are compiled for.
  const char *name;

  // y = x * sigmoid(1.702 x).
  void (*quick_gelu)(const float *x, float *y, long count);
  // dx = dy * d/dx of it; dx may be dy.
  void (*quick_gelu_gradient)(const float *x, const float *dy, float *dx, long count);
  // x += y.
  void (*add)(float *x, const float *y, long count);
  // x *= factor.
  void (*scale)(float *x, float factor, long count);
  // Every row of y = row.
  void (*fill_rows)(float *y, const float *row, long rows, long width);
  // sums += the sum of the rows.
  void (*add_rows)(const float *x, float *sums, long rows, long width);

  // One stage of progressive convolutions: standard = (x - mean) * inverse of each row, and
  // y = before + quick_gelu(standard * weight + bias).
  void (*stage)(
      const float *x, const float *before, const float *weight, const float *bias, float *standard,
      float *inverse, float *y, long rows, long width, float epsilon);
  // dx from dy; adds to the gradients of weight, bias and of what was added to x.
  void (*stage_gradient)(
      const float *dy, const float *standard, const float *inverse, const float *weight,
      const float *bias, float *dx, float *dweight, float *dbias, float *dx_sums, long rows,
      long width);

  // y = (x - mean) * inverse * weight + bias of each row.
  void (*normalize)(
      const float *x, const float *weight, const float *bias, float *y, float *mean,
      float *inverse, long rows, long width, float epsilon);
  // dx += its gradient; adds to dweight and dbias.
  void (*normalize_gradient)(
      const float *dy, const float *x, const float *weight, const float *mean,
      const float *inverse, float *dx, float *dweight, float *dbias, long rows, long width);

  // y = x / max(|x|, 1e-12) of each row; inverse is 1 / that.
  void (*unit)(const float *x, float *y, float *inverse, long rows, long width);
  // dx += the gradient of x, of the unit rows u.
  void (*unit_gradient)(
      const float *dy, const float *u, const float *inverse, float *dx, long rows, long width);

  // x = softmax of each row's first `width` numbers, rows `stride` apart.
  void (*softmax)(float *x, long rows, long width, long stride);
  // The same of numbers up to the threshold replaced; `filtered` gets what a replaced one
  // becomes in each row.
  void (*threshold_softmax)(
      float *x, float *filtered, long rows, long width, float threshold, float replacement);
  // dx = y * (dy - sum dy * y) of each row; dx may be dy.
  void (*softmax_gradient)(const float *y, const float *dy, float *dx, long rows, long width,
                           long stride);
  // The same, 0 where y is at most `filtered` of its row.
  void (*threshold_softmax_gradient)(
      const float *y, const float *filtered, const float *dy, float *dx, long rows, long width);

  // y[i] (+)= sum over j of ratio^|i-j| x[j], for rows `stride` apart, by two recursions;
  // `state` holds `width` numbers.
  void (*spread)(
      const float *x, float *y, float *state, long rows, long width, long stride, float ratio,
      int adds);

  // logit[t] = constant + X[t] . w + quick_gelu(H[t]) . v.
  void (*classify)(
      const float *x, const float *hidden, const float *w, const float *v, float constant,
      float *logits, long rows, long width, long hidden_width);
  // For slopes dl[t] of the logits and dX[t] = weight[t] * dvector + dl[t] * w: dX; dH; adds to
  // dw (dl X), dq (dl quick_gelu(H)) and the sums of dH.
  void (*classify_gradient)(
      const float *x, const float *hidden, const float *w, const float *v, const float *slopes,
      const float *weights, const float *dvector, float *dx, float *dhidden, float *dw, float *dq,
      float *dhidden_sums, long rows, long width, long hidden_width);
  // vector += weight[t] * X[t].
  void (*add_weighted)(
      const float *x, const float *weights, float *vector, long rows, long width);
  // out[t] = X[t] . vector.
  void (*dot_rows)(const float *x, const float *vector, float *out, long rows, long width);
  // y = 1 / (1 + e^-x).
  void (*sigmoid)(const float *x, float *y, long count);
};

// The loops of the widest extension that this processor has.
const struct kess_training_loops *kess_training_loops_best(void);
// Those of every extension that it has, for tests; `count` gets how many.
const struct kess_training_loops *const *kess_training_loops_all(int *count);

#endif
