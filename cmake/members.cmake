# Makes the members of Tensor. From core/ops.h and core/further_ops.h, so that an op is declared once: whose
# first argument is a tensor (but no condition), and whose others are tensors, numbers and shapes, is a
# member by the same name; of those in `in_place` there is x.op_() too, x.copy_(x.op()). From
# core/absent_names.h those that are deleted. Who calls an op with other arguments is shown by the compiler how it
# is called, as a member or as a function: a last overload takes all, and is deleted. Functions of one tensor alone
# have none, so that their names can be passed on, `Sequential{Linear(2, 3), relu}`. Writes <rill/tensor_members.h>,
# which stands inside the class, tensor_members.cpp, which calls the ops, and <rill/signatures.h>, of functions.
block()
set(in_place abs addmm ceil clamp clamp_max clamp_min cos cumsum eq erf exp floor floor_divide ge gt le leaky_relu
             lerp log log1p logical_and logical_not logical_or logical_xor logit lt masked_fill nan_to_num ne neg
             pow relu remainder round rsqrt scatter_add sigmoid sign sin sqrt square tanh tril triu)
# What those want who give other arguments, where the declaration does not tell.
set(calls_clamp "minimum(maximum(x, low), high) of tensors")
set(calls_gelu "gelu(x, \"tanh\")")
set(calls_index_select "tensor({0, 2}) is an index")
set(calls_max "maximum(x, y) of two")
set(calls_min "minimum(x, y) of two")
set(calls_round "round(x * 100) / 100 for two decimals")
set(calls_to "all tensors are on the CPU")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS core/ops.h core/further_ops.h)
file(READ core/ops.h text)
file(READ core/further_ops.h further)
string(APPEND text "${further}")
string(REGEX REPLACE "//[^\n]*" "" text "${text}")
string(REGEX REPLACE "[ \n]+" " " text "${text}")
string(REPLACE ";" "\n" text "${text}")
string(REPLACE "[[nodiscard]] " "" text "${text}")

set(word "[A-Za-z_0-9:<>]+")
set(type "(const Tensor&|const Shape&|const std::vector<int64_t>&|std::optional<[a-z_0-9]+>|int64_t|double|bool|DType)")
set(default "( = [^,()]+)?")
string(REGEX MATCHALL "[}\n ] ?(${word}) ([a-z_0-9]+)\\(const Tensor& [a-z]+(, ${type} [a-z_0-9]+${default})*\\)"
       declarations "${text}")
set(members "")
set(definitions "")
set(names "")
foreach(declaration IN LISTS declarations)
  if(declaration MATCHES "operator|Tensor& condition" OR NOT declaration MATCHES "(${word}) ([a-z_0-9]+)\\(const Tensor& [a-z]+(, )?(.*)\\)$")
    continue()
  endif()
  set(result "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  set(parameters "${CMAKE_MATCH_4}")
  string(REGEX REPLACE " = [^,()]+" "" plain "${parameters}")
  string(REGEX REPLACE "${type} ([a-z_0-9]+)" "\\2" arguments "${plain}")
  string(REGEX REPLACE "${type} " "" shown "${parameters}")
  string(REGEX REPLACE "^b($|,)" "y\\1" shown "${shown}")
  string(REGEX MATCHALL " ${name}\\(" declared "${text}")
  if(NOT parameters AND declared STREQUAL " ${name}(" AND NOT calls_${name})
    list(APPEND plain_functions ${name})
  endif()
  list(APPEND calls_${name} "x.${name}(${shown})")
  if(parameters MATCHES "^int64_t ")
    list(APPEND wrong_${name} "A, auto...")
  endif()
  if(parameters MATCHES "^int64_t [a-z_0-9]+( = [^,]+)?, int64_t ")
    list(APPEND wrong_${name} "int64_t, A, auto...")
  endif()
  set(result_${name} "${result}")
  list(APPEND names ${name})
  set(call "*this")
  if(arguments)
    string(APPEND call ", ${arguments}")
  endif()
  string(APPEND members "[[nodiscard]] ${result} ${name}(${parameters}) const;\n")
  string(APPEND definitions
         "${result} Tensor::${name}(${plain}) const { return rill::${name}(${call}); }\n")
  if(name IN_LIST in_place)
    string(APPEND members "const Tensor& ${name}_(${parameters}) const;\n")
    string(REPLACE "*this" "detail::as_before_write(*this)" before "${call}")
    string(APPEND definitions "const Tensor& Tensor::${name}_(${plain}) const {\n"
                              "  return copy_(rill::${name}(${before}));\n}\n")
  endif()
  if(result MATCHES "vector<Tensor>" AND NOT members MATCHES " ${name}\\(\\.\\.\\.\\)")
    string(APPEND members "template <size_t count>\n"
                          "void ${name}(...) const = delete;  // const auto parts = x.${name}(...); parts[0]\n")
  endif()
  if(parameters MATCHES "^const Shape& [a-z]+$")
    string(APPEND members
           "template <WholeNumber A, WholeNumber B, WholeNumber... More>\n"
           "[[nodiscard]] ${result} ${name}(A a, B b, More... more) const {\n"
           "  return ${name}(Shape{int64_t(a), int64_t(b), int64_t(more)...});\n}\n")
  elseif(parameters MATCHES "^const Shape& dims( = {})?, bool keepdim")
    string(APPEND members "template <WholeNumber A, WholeNumber B>\n"
                          "void ${name}(A, B) const = delete;  // two dims are a list: {0, 1}\n")
  elseif(parameters MATCHES "^const Shape& dims( = {})?, double correction")
    string(APPEND members "template <std::same_as<bool> Keepdim>\n"
                          "void ${name}(const Shape&, Keepdim) const = delete;  // x.${name}(dims, 1, true), or x.${name}(dims, 0)\n")
  endif()
endforeach()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS core/absent_names.h)
file(STRINGS core/absent_names.h absent REGEX "\\(AnyTensor, \\.\\.\\.\\) = delete;")
foreach(declaration IN LISTS absent)
  string(REPLACE "(AnyTensor, ...)" "(...) const" member "${declaration}")
  string(APPEND members "${member}\n")
endforeach()

# Neither is a bool or 0.5 a dimension.
set(signatures "")
list(REMOVE_DUPLICATES names)
foreach(name IN LISTS names)
  if(absent MATCHES " ${name}\\(AnyTensor")
    continue()
  endif()
  list(REMOVE_DUPLICATES calls_${name})
  list(REMOVE_DUPLICATES wrong_${name})
  list(JOIN calls_${name} ", " calls)
  set(head "${result_${name}} ${name}")
  string(APPEND members "template <class = void>\n${head}(...) const = delete;  // ${calls}\n")
  string(REGEX REPLACE "x\\.${name}\\(" "${name}(x, " function_calls "${calls}")
  string(REPLACE "(x, )" "(x)" function_calls "${function_calls}")
  if(NOT name IN_LIST plain_functions AND NOT name STREQUAL "std")  # rill::std alone is ambiguous
    string(APPEND signatures "${head}(AnyTensor, ...) = delete;  // ${function_calls}\n")
  endif()
  foreach(arguments IN LISTS wrong_${name})
    string(APPEND members "template <NoWholeNumber A>\n${head}(${arguments}) const = delete;  // ${calls}\n")
    string(APPEND signatures "template <NoWholeNumber A>\n"
                             "${head}(const Tensor&, ${arguments}) = delete;  // ${function_calls}\n")
  endforeach()
endforeach()

set(made "// Made from core/ops.h, core/further_ops.h and core/absent_names.h by cmake/members.cmake.\n")
file(CONFIGURE OUTPUT "${rill_include_dir}/rill/tensor_members.h" CONTENT "${made}@members@" @ONLY)
file(CONFIGURE OUTPUT "${rill_include_dir}/rill/signatures.h" @ONLY
     CONTENT "#pragma once\n\n${made}\n#include <rill/core/absent_names.h>\n\nnamespace rill {\n\n@signatures@\n}  // namespace rill\n")
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/tensor_members.cpp" @ONLY
     CONTENT "${made}#include <rill/core/inplace.h>\n#include <rill/core/ops.h>\n\nnamespace rill {\n\n@definitions@\n}  // namespace rill\n")
endblock()
