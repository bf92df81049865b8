// vitrail::keyed_dropout: zeroes elements with probability p and scales the rest by 1 / (1 - p) (Srivastava et al. 2014).
//
// Whether an element stays is a function of a key, of the place of its sample and of its place in the sample: not of the
// size of the batch, of other draws, of threads or of the device. A pass that is computed again drops the same.
//
//   x [N, ...], sample n has the place first + n * stride; element e of it takes word e % 4 of the block of
//   Philox 4x32-10 (Salmon et al. 2011) whose counter is (e / 4, place), each 64 bits, under `key`; it stays below
//   (1 - p) 2^32.
#include "clones.h"
#include "parallel.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/OpMathType.h>
#include <algorithm>
#include <array>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {

constexpr uint32_t kM0 = 0xD2511F53, kM1 = 0xCD9E8D57, kW0 = 0x9E3779B9, kW1 = 0xBB67AE85;
constexpr int kLanes = 16, kWords = 4 * kLanes;

/// 1 for each of the 64 elements of 16 blocks from `block` on whose word lies below `below`, else 0.
VT_CLONES void keep(uint64_t block, uint64_t place, uint64_t key, uint32_t below, uint8_t* stays) {
  uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    uint64_t counter = block + static_cast<uint64_t>(lane);
    c0[lane] = static_cast<uint32_t>(counter);
    c1[lane] = static_cast<uint32_t>(counter >> 32);
    c2[lane] = static_cast<uint32_t>(place);
    c3[lane] = static_cast<uint32_t>(place >> 32);
  }
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    for (int lane = 0; lane < kLanes; ++lane) {
      uint64_t a = static_cast<uint64_t>(kM0) * c0[lane], b = static_cast<uint64_t>(kM1) * c2[lane];
      uint32_t n0 = static_cast<uint32_t>(b >> 32) ^ c1[lane] ^ k0, n2 = static_cast<uint32_t>(a >> 32) ^ c3[lane] ^ k1;
      c1[lane] = static_cast<uint32_t>(b);
      c3[lane] = static_cast<uint32_t>(a);
      c0[lane] = n0;
      c2[lane] = n2;
    }
    k0 += kW0;
    k1 += kW1;
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    stays[4 * lane] = c0[lane] < below;
    stays[4 * lane + 1] = c1[lane] < below;
    stays[4 * lane + 2] = c2[lane] < below;
    stays[4 * lane + 3] = c3[lane] < below;
  }
}

/// (1 - p) 2^32; a p below 2^-32 counts as that.
uint32_t kept_below(double p) { return static_cast<uint32_t>(std::min((1 - p) * 4294967296.0, 4294967295.0)); }

void check(const at::Tensor& x, double p) {
  TORCH_CHECK(
      x.dim() > 0 && x.is_floating_point() && p >= 0 && p < 1, "vitrail::keyed_dropout takes x [N, ...] and p in [0, 1), got ",
      x.scalar_type(), x.sizes(), " and ", p);
}

/// uint8 of x's shape: 1 where an element stays.
at::Tensor mask_cpu(const at::Tensor& x, double p, int64_t key, int64_t first, int64_t stride) {
  auto mask = at::empty(x.sizes(), x.options().dtype(at::kByte));
  int64_t samples = x.size(0), size = samples == 0 ? 0 : x.numel() / samples;
  int64_t chunks = (size + kWords - 1) / kWords;
  auto* out = mask.data_ptr<uint8_t>();
  uint32_t below = kept_below(p);
  vitrail::parallel_for(samples * chunks, 256, [&](int64_t begin, int64_t end) {
    std::array<uint8_t, kWords> stays;
    for (int64_t piece = begin; piece < end; ++piece) {
      int64_t sample = piece / chunks, chunk = piece % chunks, start = chunk * kWords;
      uint8_t* row = out + sample * size + start;
      bool is_whole = size - start >= kWords;
      keep(
          static_cast<uint64_t>(chunk) * kLanes, static_cast<uint64_t>(first + sample * stride),
          static_cast<uint64_t>(key), below, is_whole ? row : stays.data());
      if (!is_whole) std::copy_n(stays.data(), size - start, row);
    }
  });
  return mask;
}

/// The same on any device, from its own operators.
at::Tensor mask_elsewhere(const at::Tensor& x, double p, int64_t key, int64_t first, int64_t stride) {
  int64_t samples = x.size(0), size = samples == 0 ? 0 : x.numel() / samples, blocks = (size + 3) / 4;
  auto options = x.options().dtype(at::kLong);
  constexpr int64_t low = 0xFFFFFFFF;
  auto high = [](const at::Tensor& product) { return product.__rshift__(32).bitwise_and_(low); };
  auto counter = at::arange(blocks, options).unsqueeze(0).expand({samples, blocks});
  auto place = at::arange(samples, options).mul_(stride).add_(first).unsqueeze(1).expand({samples, blocks});
  auto c0 = counter.bitwise_and(low), c1 = high(counter), c2 = place.bitwise_and(low), c3 = high(place);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32);
  for (int round = 0; round < 10; ++round) {
    // The products wrap around into the sign; the shifts and masks take the right bits all the same.
    auto a = c0 * static_cast<int64_t>(kM0), b = c2 * static_cast<int64_t>(kM1);
    c0 = high(b).bitwise_xor_(c1).bitwise_xor_(static_cast<int64_t>(k0));
    c2 = high(a).bitwise_xor_(c3).bitwise_xor_(static_cast<int64_t>(k1));
    c1 = b.bitwise_and_(low);
    c3 = a.bitwise_and_(low);
    k0 += kW0;
    k1 += kW1;
  }
  auto words = at::stack({c0, c1, c2, c3}, 2).view({samples, 4 * blocks}).narrow(1, 0, size);
  return words.lt(static_cast<int64_t>(kept_below(p))).view(x.sizes());
}

/// What stays, times 1 / (1 - p), in one pass; the rest is 0, also where x is not finite.
at::Tensor scaled(const at::Tensor& x, const at::Tensor& mask, double p) {
  auto from = x.contiguous();
  auto out = at::empty_like(from);
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, from.scalar_type(), "keyed_dropout", [&] {
    using Wide = at::opmath_type<scalar_t>;
    const auto* in = from.const_data_ptr<scalar_t>();
    const auto* stays = mask.const_data_ptr<uint8_t>();
    auto* to = out.data_ptr<scalar_t>();
    auto scale = static_cast<Wide>(1 / (1 - p));
    vitrail::parallel_for(from.numel(), 1 << 15, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        to[i] = stays[i] != 0 ? static_cast<scalar_t>(static_cast<Wide>(in[i]) * scale) : static_cast<scalar_t>(0);
      }
    });
  });
  return out;
}

struct KeyedDropout : torch::autograd::Function<KeyedDropout> {
  static at::Tensor forward(
      torch::autograd::AutogradContext* context, const at::Tensor& x, double p, int64_t key, int64_t first,
      int64_t stride) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto mask = mask_cpu(x, p, key, first, stride);
    context->save_for_backward({mask});
    context->saved_data["p"] = p;
    return scaled(x, mask, p);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    double p = context->saved_data["p"].toDouble();
    auto gradient = scaled(gradients[0], context->get_saved_variables()[0], p);
    return {gradient, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

at::Tensor dropout_cpu(const at::Tensor& x, double p, int64_t key, int64_t first, int64_t stride) {
  check(x, p);
  return scaled(x, mask_cpu(x, p, key, first, stride), p);
}

at::Tensor dropout_autograd(const at::Tensor& x, double p, int64_t key, int64_t first, int64_t stride) {
  check(x, p);
  return KeyedDropout::apply(x, p, key, first, stride);
}

at::Tensor dropout_elsewhere(const at::Tensor& x, double p, int64_t key, int64_t first, int64_t stride) {
  check(x, p);
  at::Tensor mask;
  {
    at::NoGradGuard no_grad;
    // One number a sample, as of stochastic depth, is soon made here and sent.
    mask = x.numel() == x.size(0)
               ? mask_cpu(at::empty(x.sizes(), x.options().device(at::kCPU)), p, key, first, stride)
                     .to(x.device(), at::kBool, /*non_blocking=*/true)
               : mask_elsewhere(x, p, key, first, stride);
  }
  // Not a product with the mask: 0 times infinity is NaN.
  return at::where(mask, x * (1 / (1 - p)), at::zeros({}, x.options()));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  library.def("keyed_dropout(Tensor x, float p, int key, int first, int stride) -> Tensor", dropout_elsewhere);
  // By operators on every device: what the kernel is compared with.
  library.def("keyed_dropout_elsewhere(Tensor x, float p, int key, int first, int stride) -> Tensor", dropout_elsewhere);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) { library.impl("keyed_dropout", dropout_cpu); }
TORCH_LIBRARY_IMPL(vitrail, AutogradCPU, library) { library.impl("keyed_dropout", dropout_autograd); }
