// The boxed call. What libtorch reports badly is checked here against the schema, argument by argument, and said with
// the operator's name, the argument's name and the operand shapes.
#include "ctorch_device.h"
#include "ctorch_op.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <memory>
#include <sstream>
#include <vector>

using namespace vitrail;
using c10::TypeKind;

namespace {

struct Stack {
  const c10::OperatorHandle* op = nullptr;
  torch::jit::Stack values;
};

Stack& stack_of(vt_stack handle) { return *static_cast<Stack*>(handle.impl); }

/// Stacks are kept per thread, so that a call allocates nothing in the steady state.
std::vector<std::unique_ptr<Stack>>& pool() {
  static thread_local std::vector<std::unique_ptr<Stack>> stacks;
  return stacks;
}

std::string name_of(const Stack& stack) {
  const auto& name = stack.op->operator_name();
  return name.overload_name.empty() ? name.name : name.name + "." + name.overload_name;
}

void describe(std::ostream& out, const c10::IValue& value) {
  if (value.isTensor()) {
    const auto& held = value.toTensor();
    if (!held.defined()) {
      out << "none";
    } else {
      out << held.scalar_type() << held.sizes();
    }
  } else if (value.isTensorList()) {
    out << value.toTensorList().size() << " tensors";
  } else if (value.isIntList()) {
    out << at::IntArrayRef(value.toIntVector());
  } else if (value.isInt() || value.isDouble() || value.isBool() || value.isNone() || value.isString()) {
    out << value;
  } else {
    out << value.tagKind();
  }
}

/// "aten::mm(self: Float[2, 3], mat2: Float[4, 5])"
std::string describe_call(const Stack& stack) {
  std::ostringstream out;
  out << name_of(stack) << "(";
  const auto& arguments = stack.op->schema().arguments();
  for (size_t i = 0; i < stack.values.size() && i < arguments.size(); ++i) {
    if (i > 0) out << ", ";
    out << arguments[i].name() << ": ";
    describe(out, stack.values[i]);
  }
  out << ")";
  return out.str();
}

/// The schema's type of the next argument, with one level of Optional taken off.
struct Expected {
  const c10::Argument& argument;
  c10::TypePtr type;
  bool optional;
  TypeKind kind() const { return type->kind(); }
};

Expected next_argument(const Stack& stack) {
  const auto& arguments = stack.op->schema().arguments();
  size_t index = stack.values.size();
  TORCH_CHECK(index < arguments.size(), name_of(stack), " takes ", arguments.size(), " arguments, got more");
  const auto& argument = arguments[index];
  auto type = argument.real_type();
  if (auto optional = type->cast<c10::OptionalType>()) return {argument, optional->getElementType(), true};
  return {argument, type, false};
}

[[noreturn]] void refuse(const Stack& stack, const Expected& expected, const char* got) {
  TORCH_CHECK(
      false, describe_call(stack), ": argument '", expected.argument.name(), "' is ", expected.argument.real_type()->str(),
      ", got ", got);
}

TypeKind element_kind(const Expected& expected) {
  auto list = expected.type->cast<c10::ListType>();
  return list ? list->getElementType()->kind() : TypeKind::AnyType;
}

template <class Accept>
vt_status push(vt_stack handle, const char* got, Accept&& accept) {
  return guard([&] {
    auto& stack = stack_of(handle);
    auto expected = next_argument(stack);
    if (!accept(stack.values, expected)) refuse(stack, expected, got);
  });
}

}  // namespace

extern "C" {

vt_status vt_op_find(const char* name, const char* overload, vt_op* out) {
  return guard_always([&] {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(found.has_value(), "this libtorch (", vt_torch_version(), ") has no operator ", name, ".", overload);
    out->impl = new c10::OperatorHandle(*found);
  });
}

bool vt_op_exists(const char* name, const char* overload) {
  return c10::Dispatcher::singleton().findSchema({name, overload}).has_value();
}

vt_status vt_stack_begin(vt_op op, vt_stack* out) {
  return guard([&] {
    auto& stacks = pool();
    std::unique_ptr<Stack> stack;
    if (stacks.empty()) {
      stack = std::make_unique<Stack>();
      stack->values.reserve(16);
    } else {
      stack = std::move(stacks.back());
      stacks.pop_back();
    }
    stack->op = static_cast<const c10::OperatorHandle*>(op.impl);
    out->impl = stack.release();
  });
}

void vt_stack_end(vt_stack handle) {
  if (handle.impl == nullptr) return;
  std::unique_ptr<Stack> stack(&stack_of(handle));
  stack->values.clear();
  pool().push_back(std::move(stack));
}

vt_status vt_push_none(vt_stack handle) {
  return push(handle, "nil", [](auto& values, const Expected& expected) {
    // An absent tensor may also stand where the schema says Tensor: an undefined one.
    if (!expected.optional && expected.kind() != TypeKind::TensorType) return false;
    expected.optional ? values.emplace_back() : values.emplace_back(at::Tensor());
    return true;
  });
}

vt_status vt_push_tensor(vt_stack handle, vt_tensor value) {
  return push(handle, "a tensor", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::TensorType) return false;
    values.emplace_back(tensor(value));
    return true;
  });
}

vt_status vt_push_int(vt_stack handle, int64_t value) {
  return push(handle, "an integer", [&](auto& values, const Expected& expected) {
    switch (expected.kind()) {
      case TypeKind::IntType:
      case TypeKind::SymIntType:
      case TypeKind::NumberType: values.emplace_back(value); return true;
      case TypeKind::FloatType: values.emplace_back(static_cast<double>(value)); return true;
      default: break;
    }
    // `int[1] dim` takes a single integer, as in Python.
    auto element = element_kind(expected);
    if (element != TypeKind::IntType && element != TypeKind::SymIntType) return false;
    values.emplace_back(c10::IntArrayRef(&value, 1));
    return true;
  });
}

vt_status vt_push_double(vt_stack handle, double value) {
  return push(handle, "a floating-point number", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::FloatType && expected.kind() != TypeKind::NumberType) return false;
    values.emplace_back(value);
    return true;
  });
}

vt_status vt_push_bool(vt_stack handle, bool value) {
  return push(handle, "a bool", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::BoolType) return false;
    values.emplace_back(value);
    return true;
  });
}

vt_status vt_push_string(vt_stack handle, const char* bytes, size_t count) {
  return push(handle, "a string", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::StringType) return false;
    values.emplace_back(std::string(bytes, count));
    return true;
  });
}

vt_status vt_push_dtype(vt_stack handle, vt_dtype dtype) {
  return push(handle, "a dtype", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::ScalarTypeType) return false;
    values.emplace_back(scalar_type(dtype));
    return true;
  });
}

vt_status vt_push_device(vt_stack handle, vt_device on) {
  return push(handle, "a device", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::DeviceObjType) return false;
    values.emplace_back(device(on));
    return true;
  });
}

vt_status vt_push_memory_format(vt_stack handle, int32_t format) {
  return push(handle, "a memory format", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::MemoryFormatType) return false;
    switch (format) {
      case VT_CONTIGUOUS: values.emplace_back(c10::MemoryFormat::Contiguous); return true;
      case VT_PRESERVE: values.emplace_back(c10::MemoryFormat::Preserve); return true;
      case VT_CHANNELS_LAST: values.emplace_back(c10::MemoryFormat::ChannelsLast); return true;
      default: return false;
    }
  });
}

vt_status vt_push_generator(vt_stack handle, vt_generator value) {
  return push(handle, "a generator", [&](auto& values, const Expected& expected) {
    if (expected.kind() != TypeKind::GeneratorType) return false;
    values.emplace_back(generator(value));
    return true;
  });
}

vt_status vt_push_ints(vt_stack handle, const int64_t* elements, size_t count) {
  return push(handle, "a list of integers", [&](auto& values, const Expected& expected) {
    auto element = element_kind(expected);
    if (element == TypeKind::FloatType) {
      std::vector<double> widened(elements, elements + count);
      values.emplace_back(std::move(widened));
      return true;
    }
    if (element != TypeKind::IntType && element != TypeKind::SymIntType) return false;
    values.emplace_back(c10::IntArrayRef(elements, count));
    return true;
  });
}

vt_status vt_push_doubles(vt_stack handle, const double* elements, size_t count) {
  return push(handle, "a list of floating-point numbers", [&](auto& values, const Expected& expected) {
    auto element = element_kind(expected);
    if (element == TypeKind::NumberType) {
      c10::List<at::Scalar> scalars;
      for (size_t i = 0; i < count; ++i) scalars.push_back(elements[i]);
      values.emplace_back(c10::IValue(std::move(scalars)));
      return true;
    }
    if (element != TypeKind::FloatType) return false;
    values.emplace_back(std::vector<double>(elements, elements + count));
    return true;
  });
}

vt_status vt_push_bools(vt_stack handle, const bool* elements, size_t count) {
  return push(handle, "a list of bools", [&](auto& values, const Expected& expected) {
    if (element_kind(expected) != TypeKind::BoolType) return false;
    c10::List<bool> list;
    for (size_t i = 0; i < count; ++i) list.push_back(elements[i]);
    values.emplace_back(std::move(list));
    return true;
  });
}

vt_status vt_push_tensors(vt_stack handle, const vt_tensor* elements, size_t count) {
  return push(handle, "a list of tensors", [&](auto& values, const Expected& expected) {
    auto element = element_kind(expected);
    if (element == TypeKind::OptionalType) {
      c10::List<std::optional<at::Tensor>> list;
      list.reserve(count);
      for (size_t i = 0; i < count; ++i) {
        list.push_back(elements[i].impl ? std::optional<at::Tensor>(tensor(elements[i])) : std::nullopt);
      }
      values.emplace_back(std::move(list));
      return true;
    }
    if (element != TypeKind::TensorType) return false;
    c10::List<at::Tensor> list;
    list.reserve(count);
    for (size_t i = 0; i < count; ++i) list.push_back(tensor(elements[i]));
    values.emplace_back(std::move(list));
    return true;
  });
}

vt_status vt_stack_call(vt_stack handle, size_t* results) {
  return guard([&] {
    auto& stack = stack_of(handle);
    const auto& arguments = stack.op->schema().arguments();
    for (size_t i = stack.values.size(); i < arguments.size(); ++i) {
      const auto& fallback = arguments[i].default_value();
      TORCH_CHECK(fallback.has_value(), describe_call(stack), ": argument '", arguments[i].name(), "' is missing");
      stack.values.push_back(*fallback);
    }
    try {
      stack.op->callBoxed(&stack.values);
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error& error) {
      std::string message = error.what_without_backtrace();
      if (classify(message) != VT_ERROR) throw;
      // libtorch leaves the arguments on the stack when a kernel throws.
      throw c10::Error({__func__, __FILE__, __LINE__}, describe_call(stack) + ": " + message);
    }
    *results = stack.values.size();
  });
}

vt_status vt_result_tensor(vt_stack handle, size_t index, vt_tensor* out) {
  return guard([&] {
    auto& value = stack_of(handle).values.at(index);
    TORCH_CHECK(value.isTensor(), name_of(stack_of(handle)), ": result ", index, " is ", value.tagKind(), ", not a tensor");
    *out = wrap(std::move(value).toTensor());
  });
}

vt_status vt_result_int(vt_stack handle, size_t index, int64_t* out) {
  return guard([&] { *out = stack_of(handle).values.at(index).toScalar().toLong(); });
}

vt_status vt_result_double(vt_stack handle, size_t index, double* out) {
  return guard([&] { *out = stack_of(handle).values.at(index).toScalar().toDouble(); });
}

vt_status vt_result_bool(vt_stack handle, size_t index, bool* out) {
  return guard([&] { *out = stack_of(handle).values.at(index).toBool(); });
}

vt_status vt_result_tensors_count(vt_stack handle, size_t index, size_t* out) {
  return guard([&] {
    auto& value = stack_of(handle).values.at(index);
    TORCH_CHECK(value.isTensorList(), name_of(stack_of(handle)), ": result ", index, " is not a list of tensors");
    *out = value.toTensorList().size();
  });
}

vt_status vt_result_tensors_get(vt_stack handle, size_t index, size_t element, vt_tensor* out) {
  return guard([&] { *out = wrap(stack_of(handle).values.at(index).toTensorList().get(element)); });
}
}
