# SPDX-License-Identifier: MIT
"""sos plugin: puts an oomreport bundle into a sos report.

Install as sos/report/plugins/oomreport.py (Debian and Fedora:
/usr/lib/python3/*-packages/sos/report/plugins/). Works with sos 4.0 and later.
"""
from sos.report.plugins import (DebianPlugin, IndependentPlugin, Plugin,
                                RedHatPlugin, SuSEPlugin, UbuntuPlugin)


# sos 4.0 takes the policies one by one, later ones take IndependentPlugin
class OOMReport(Plugin, RedHatPlugin, DebianPlugin, UbuntuPlugin, SuSEPlugin,
                IndependentPlugin):

    short_desc = "memory report of the kernel's OOM killer"
    plugin_name = "oomreport"
    profiles = ("system", "kernel", "memory")
    packages = ("oomreport",)
    commands = ("oomreport",)

    def setup(self):
        # sos cleans its own archive afterwards; the bundle is redacted at its own default
        self.add_cmd_output(
            "oomreport collect --quiet --no-interview --format tar.gz -o -",
            suggest_filename="oomreport.tar.gz",
            binary=True,
            timeout=300,
            sizelimit=0,
            stderr=False,
        )
        # those that oomreport-collect.service made by itself after an OOM
        self.add_copy_spec("/var/lib/oomreport/reports/*.tar.zst")
