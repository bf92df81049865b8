#include "ctorch_random.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <mutex>

using namespace vitrail;

extern "C" {

vt_status vt_generator_create(vt_device on, uint64_t seed, vt_generator* out) {
  return guard([&] {
    auto where = device(on);
    at::Generator made;
    if (where.is_cpu()) {
      made = at::detail::createCPUGenerator(seed);
    } else {
      made = at::globalContext().defaultGenerator(where).clone();
      made.set_current_seed(seed);
    }
    out->impl = new at::Generator(std::move(made));
  });
}

vt_status vt_generator_default(vt_device on, vt_generator* out) {
  return guard([&] { out->impl = new at::Generator(at::globalContext().defaultGenerator(device(on))); });
}

void vt_generator_free(vt_generator handle) { delete static_cast<at::Generator*>(handle.impl); }

vt_status vt_generator_state(vt_generator handle, vt_tensor* out) {
  return guard([&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    *out = wrap(generator(handle).get_state());
  });
}
}
