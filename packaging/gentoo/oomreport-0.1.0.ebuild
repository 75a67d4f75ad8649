# Copyright 2026 Gentoo Authors
# Distributed under the terms of the MIT licence, as the program is
# Goes into an overlay as app-admin/oomreport/, the tarball of packaging/source-tarball into distfiles.

EAPI=8

inherit cmake shell-completion systemd tmpfiles

DESCRIPTION="Bug reports of out-of-memory events that kernel developers can act on"
HOMEPAGE="https://packages.example.org/oomreport"
SRC_URI="${P}.tar.gz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"
RESTRICT="fetch test"

DEPEND="
	app-arch/libarchive:=
	app-arch/zstd:=
	dev-db/sqlite:3
	dev-libs/jansson:=
	dev-libs/libyaml
	net-misc/curl
"
RDEPEND="${DEPEND}"
BDEPEND="virtual/pkgconfig"

src_configure() {
	local mycmakeargs=(
		-DOOMREPORT_TESTS=OFF
		-DCMAKE_INSTALL_LIBEXECDIR=libexec
		-DCMAKE_INSTALL_DOCDIR="${EPREFIX}/usr/share/doc/${PF}"
	)
	cmake_src_configure
}

src_install() {
	cmake_src_install
	mkdir -p "${ED}$(get_zshcompdir)" || die
	mv "${ED}"/usr/share/zsh/vendor-completions/_oomreport "${ED}$(get_zshcompdir)" || die
	rmdir "${ED}"/usr/share/zsh/vendor-completions || die
}

pkg_postinst() {
	tmpfiles_process oomreport.conf
	elog "Nothing was started. The flight recorder:"
	elog "  systemctl enable --now oomreport-recorder.service oomreport-collect.path"
	elog "or, with OpenRC, /usr/share/oomreport/recorder-run from a service of yours."
}
