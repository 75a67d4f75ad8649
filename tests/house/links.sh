#!/bin/sh
# Each program links only what the design allows: the front door no network, the recorder
# nothing but the C library.
build=${OOMREPORT_BUILD:-build/dev}
bad=0
needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
check() {
	program=$build/$1 allowed=$2
	[ -x "$program" ] || { echo "$program is not built"; bad=1; return; }
	for lib in $(needs "$program"); do
		echo "$lib" | grep -qE "^($allowed)\.so" ||
			{ echo "$1 links $lib"; bad=1; }
	done
}
c='libc|libm|libasan|libubsan|ld-linux[-a-z0-9_]*|libgcc_s|libclang_rt[-.a-z0-9_]*'
# libzstd comes with libarchive in any case; called by itself it takes a third of the memory
check oomreport "$c|libarchive|libzstd|libjansson|libyaml-0|libsqlite3"
[ ! -e "$build/oomreport-recorder" ] || check oomreport-recorder "$c"
[ ! -e "$build/oomreport-submit" ] || check oomreport-submit "$c|libcurl|libjansson|libarchive|libyaml-0"
exit $bad
