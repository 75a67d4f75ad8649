# SPDX-License-Identifier: MIT
# cmake -DOUT=FILE.c "-DFILES=a;b" -P embed.cmake: files as C arrays, so that one program copied
# to a rescue system has its templates with it. HEADER declares the array SYMBOL and n_SYMBOL
# (default: report/shipped.h, shipped_templates).
if(NOT DEFINED HEADER)
  set(HEADER report/shipped.h)
  set(SYMBOL shipped_templates)
endif()
set(arrays "")
set(rows "")
set(n 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,){24})" "\\1\n\t" bytes "${bytes}")
  string(APPEND arrays "static const unsigned char file_${n}[] = {\n\t${bytes}0};\n")
  string(APPEND rows "\t{\"${name}\", file_${n}, sizeof(file_${n}) - 1},\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT} "/* Made by cmake/embed.cmake: do not edit. */
#include \"${HEADER}\"

${arrays}
const struct shipped_file ${SYMBOL}[] = {
${rows}};
const size_t n_${SYMBOL} = ${n};
")
