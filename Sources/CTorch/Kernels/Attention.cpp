// vitrail::attention: multi-head self-attention from a packed projection.
//
// qkv [B, N, 3 H D] holds q, k and v one after the other, heads contiguous inside each (timm's order). The result is
// [B, N, H D]: softmax(q kT / sqrt(D)) v, heads side by side (Vaswani et al. 2017, eq. 1).
//
// On the CPU, explicit batched products and a softmax: at ViT lengths (50 to 600 tokens) the score matrix of a head
// stays in cache, and the products run at the rate of the product backend, several times that of libtorch's blocked
// attention in bf16. Elsewhere, libtorch's scaled_dot_product_attention.
#include "products.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>

namespace {

/// q / sqrt(D), k, v, each a dense [B H, N, D]: batched products take three dims. Scores are scaled before the product,
/// because q kT may be beyond float16 where the scores are not, and because q is smaller than the scores.
struct Heads {
  at::Tensor q, k, v;
  int64_t batch, tokens, num_heads, width;
};

Heads heads_over(const at::Tensor& split, const at::Tensor& packed, int64_t num_heads) {
  int64_t batch = packed.size(0), tokens = packed.size(1), width = packed.size(2) / (3 * num_heads);
  auto parts = split.view({3, batch * num_heads, tokens, width});
  return {parts[0], parts[1], parts[2], batch, tokens, num_heads, width};
}

double scale_of(int64_t width) { return 1.0 / std::sqrt(static_cast<double>(width)); }

Heads split_heads(const at::Tensor& packed, int64_t num_heads) {
  auto parts = packed.reshape({packed.size(0), packed.size(1), 3, num_heads, -1});
  // A copy also where one token of one image lies as it should: q is scaled in place.
  auto heads = heads_over(parts.permute({2, 0, 3, 1, 4}).clone(at::MemoryFormat::Contiguous), packed, num_heads);
  heads.q.mul_(scale_of(heads.width));
  return heads;
}

/// [B H, N, D] as [B, N, H D]: heads side by side.
at::Tensor join_heads(const at::Tensor& split, const Heads& heads) {
  auto parts = split.view({heads.batch, heads.num_heads, heads.tokens, heads.width});
  return parts.transpose(1, 2).reshape({heads.batch, heads.tokens, heads.num_heads * heads.width});
}

void check(const at::Tensor& qkv, int64_t num_heads) {
  TORCH_CHECK(
      qkv.dim() == 3 && num_heads > 0 && qkv.size(2) % (3 * num_heads) == 0,
      "vitrail::attention takes qkv [B, N, 3 H D] and H heads, got ", qkv.sizes(), " and ", num_heads);
}

/// softmax(q kT / sqrt(D)), [B H, N, N].
at::Tensor weights_of(const Heads& heads) {
  auto scores = vitrail::product(heads.q, heads.k.transpose(-2, -1));
  return at::_softmax_out(scores, scores, -1, false);
}

struct Attention : torch::autograd::Function<Attention> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& qkv, int64_t num_heads) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto heads = split_heads(qkv, num_heads);
    auto weights = weights_of(heads);
    context->save_for_backward({heads.q, heads.k, heads.v, weights});
    context->saved_data["num_heads"] = num_heads;
    return join_heads(vitrail::product(weights, heads.v), heads);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &weights = saved[3];
    const auto& gradient = gradients[0];
    int64_t num_heads = context->saved_data["num_heads"].toInt();
    int64_t batch = gradient.size(0), tokens = gradient.size(1), width = q.size(-1);

    auto out = gradient.reshape({batch, tokens, num_heads, width}).transpose(1, 2).reshape(q.sizes());
    auto into = at::empty({3, batch * num_heads, tokens, width}, q.options());
    auto q_gradient = into[0], k_gradient = into[1], v_gradient = into[2];
    vitrail::product_into(v_gradient, weights.transpose(-2, -1), out);
    auto scores = vitrail::product(out, v.transpose(-2, -1));
    at::_softmax_backward_data_out(scores, scores, weights, -1, weights.scalar_type());
    // What was saved of q is scaled already; for its own gradient k is, so that the product stays in float16's range.
    vitrail::product_into(q_gradient, scores, k.mul(scale_of(width)));
    vitrail::product_into(k_gradient, scores.transpose(-2, -1), q);
    auto packed = into.view({3, batch, num_heads, tokens, width}).permute({1, 3, 0, 2, 4});
    return {packed.reshape({batch, tokens, 3 * num_heads * width}), at::Tensor()};
  }
};

at::Tensor attention_cpu(const at::Tensor& qkv, int64_t num_heads) {
  check(qkv, num_heads);
  auto heads = split_heads(qkv, num_heads);
  return join_heads(vitrail::product(weights_of(heads), heads.v), heads);
}

at::Tensor attention_autograd(const at::Tensor& qkv, int64_t num_heads) {
  check(qkv, num_heads);
  return Attention::apply(qkv, num_heads);
}

at::Tensor attention_autocast(const at::Tensor& qkv, int64_t num_heads) {
  c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::DispatchKey::AutocastCPU);
  static auto attention = c10::Dispatcher::singleton()
                              .findSchemaOrThrow("vitrail::attention", "")
                              .typed<at::Tensor(const at::Tensor&, int64_t)>();
  auto dtype = at::autocast::get_autocast_dtype(c10::DeviceType::CPU);
  return attention.call(at::autocast::cached_cast(dtype, qkv, c10::DeviceType::CPU), num_heads);
}

at::Tensor attention_elsewhere(const at::Tensor& qkv, int64_t num_heads) {
  check(qkv, num_heads);
  auto parts = qkv.view({qkv.size(0), qkv.size(1), 3, num_heads, -1}).permute({2, 0, 3, 1, 4}).unbind();
  auto out = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  return out.transpose(1, 2).reshape({qkv.size(0), qkv.size(1), -1});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  library.def("attention(Tensor qkv, int num_heads) -> Tensor", attention_elsewhere);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) { library.impl("attention", attention_cpu); }
TORCH_LIBRARY_IMPL(vitrail, AutogradCPU, library) { library.impl("attention", attention_autograd); }
TORCH_LIBRARY_IMPL(vitrail, AutocastCPU, library) { library.impl("attention", attention_autocast); }
