#!/bin/sh
# `oomreport decode`, both ways, as text and as JSON.
set -eu
. tests/cli/lib.sh

run 0 decode 0x140dca --kernel 6.1
out '^0x140dca = GFP_HIGHUSER_MOVABLE\|__GFP_COMP\|__GFP_ZERO$'
out 'may sleep and reclaim'
quiet err

run 0 decode 0x140dca --kernel 6.1 --json
json 'd["mask"] == "0x140dca" and d["kernel"] == "6.1"'
json 'd["gfp_flags"] == ["GFP_HIGHUSER_MOVABLE", "__GFP_COMP", "__GFP_ZERO"]'
json 'd["gfp_atomic"] is False and d["unknown_bits"] is None'

# the same number on another kernel, the same names back to its number
run 0 decode 0x201da --kernel 3.10.0 --json
json '"GFP_HIGHUSER_MOVABLE" in d["gfp_flags"] and "__GFP_COLD" in d["gfp_flags"]'
run 0 decode 'GFP_HIGHUSER_MOVABLE|__GFP_COLD' --kernel 3.10.0 --json
json 'd["mask"] == "0x201da"'
run 0 decode 'GFP_KERNEL|__GFP_ZERO' --kernel 6.1 --json
json 'd["mask"] == "0xdc0"'
run 0 decode GFP_ATOMIC --kernel 5.4 --json
json 'd["gfp_atomic"] is True and d["mask"] == "0xa20"'
run 0 decode 'gfp_mask=0xcc0(GFP_KERNEL), order=0' CC0 --kernel 6.1 --json
json '[x["gfp_flags"] for x in d] == [["GFP_KERNEL"], ["GFP_KERNEL"]]'

# bits no flag of that kernel stands for are said, not swallowed
run 0 decode 0x8000000000000cc0 --kernel 6.1 --json
json 'd["unknown_bits"] == "0x8000000000000000" and d["gfp_flags"] == ["GFP_KERNEL"]'

# without --kernel: the running one, and who reads it otherwise
run 0 decode 0x201da
out "kernel $(uname -r)"
out 'other kernels read it otherwise'
out '2\.6\.31 - 4\.3 +GFP_HIGHUSER_MOVABLE\|__GFP_COLD'
run 0 decode 0x201da --kernel 6.1
checks=$((checks + 1))
! grep -q otherwise "$tmp/out" || fail 'a comparison nobody asked for'

run 1 decode __GFP_WAIT --kernel 6.1
err "^oomreport: decode: kernel 6.1 has no flag '__GFP_WAIT'$"
err '2\.4\.0 - 4\.3'
# what is no mask and no flag of any kernel is wrong usage
run 2 decode __GFP_NO_SUCH --kernel 6.1
err "^oomreport: decode: '__GFP_NO_SUCH' is neither a mask nor a flag$"
err 'no kernel has a flag of this name'
run 2 decode GFP_KERNL
err "did you mean 'GFP_KERNEL'"
run 2 decode 0xzz
err "'0xzz' is no hexadecimal number"
run 2 decode 0x10000000000000000
err "'0x10000000000000000' is no hexadecimal number of 64 bits"
run 0 decode 0 --kernel 6.1
out 'takes what is free, or fails'
run 2 decode
err 'which mask'
run 2 decode 0x1 --kernel six
err "'six' is no VERSION for --kernel"
finish
