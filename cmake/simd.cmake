# Every file of core/kernels/simd is compiled once for each instruction set, with
#   RILL_SIMD_LEVEL                          the set's name, used as a namespace, and
#   RILL_SIMD_HAS_AVX2, RILL_SIMD_HAS_AVX512 defined for the whole library where they were built,
# so that one binary runs everywhere and picks the best set when it starts.
include(CheckCXXCompilerFlag)

set(RILL_SIMD_FLAGS_portable "")
set(RILL_SIMD_FLAGS_avx2 -mavx2 -mfma)
set(RILL_SIMD_FLAGS_avx512 -march=x86-64-v4 -mprefer-vector-width=512)

function(rill_simd_levels result)
  set(levels portable)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    check_cxx_compiler_flag("-mavx2 -mfma" RILL_COMPILES_AVX2)
    check_cxx_compiler_flag("-march=x86-64-v4 -mprefer-vector-width=512" RILL_COMPILES_AVX512)
    if(RILL_COMPILES_AVX2)
      list(APPEND levels avx2)
    endif()
    if(RILL_COMPILES_AVX512)
      list(APPEND levels avx512)
    endif()
  endif()
  set(${result} ${levels} PARENT_SCOPE)
endfunction()

function(rill_add_simd_kernels target)
  rill_glob(sources core/kernels/simd/*.cpp)
  if(NOT sources)
    return()
  endif()
  rill_simd_levels(levels)
  foreach(level IN LISTS levels)
    set(objects ${target}_simd_${level})
    add_library(${objects} OBJECT ${sources})
    target_compile_features(${objects} PRIVATE cxx_std_20)
    target_include_directories(${objects} PRIVATE "${rill_include_dir}")
    target_compile_definitions(${objects} PRIVATE RILL_SIMD_LEVEL=${level})
    # As in all of the library a product and a sum are fused where fma() says so (core/kernels/simd/fma.h),
    # and nowhere else, so that compilers and instruction sets that have it give the same bits.
    target_compile_options(${objects} PRIVATE -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math
                                              ${RILL_SIMD_FLAGS_${level}})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # clears 128 bytes by `rep stos`, slower than all the rest
      target_compile_options(${objects} PRIVATE -fno-tree-loop-distribute-patterns)
    endif()
    target_link_libraries(${objects} PRIVATE OpenMP::OpenMP_CXX)
    get_target_property(visibility ${target} CXX_VISIBILITY_PRESET)
    set_target_properties(${objects} PROPERTIES CXX_VISIBILITY_PRESET ${visibility})
    if(BUILD_SHARED_LIBS)
      set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    endif()
    rill_set_warnings(${objects})
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")  # warns of `omp simd` loops that it leaves scalar
      target_compile_options(${objects} PRIVATE -Wno-pass-failed)
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    string(TOUPPER ${level} upper)
    target_compile_definitions(${target} PRIVATE RILL_SIMD_HAS_${upper}=1)
  endforeach()
endfunction()
