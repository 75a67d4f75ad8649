/* SPDX-License-Identifier: MIT */
/* test_wrappings.c - one real log in every wrapping users send: the same events every time.
 *
 * Each writer below prints the (time, text) lines of a golden log the way some program would;
 * layouts as in printk.c, netconsole.c, dmesg(1), journalctl(1), RFC 3164 and 5424, logcat(1),
 * the docker and CRI log formats, and what mail programs and web forms do to a paste.
 */
#include "dump.h"
#include "harness.h"

enum { LARGEST = 16 << 20 };

struct line {
	int64_t us;
	struct str text;
};

typedef void writer_fn(struct buf *out, const struct line *l, size_t n, size_t of);

static struct buf source = BUF_INIT(LARGEST);
static struct line lines[4096];
static size_t n_lines;

static void stamp(struct buf *out, int64_t us)
{
	buf_addf(out, "[%5" PRId64 ".%06" PRId64 "]", us / 1000000, us % 1000000);
}

#define WRITER(name)                                                                     \
	static void name(struct buf *out, const struct line *l, size_t n, size_t of)
#define UNUSED_PLACE ((void)n, (void)of)

static void end(struct buf *out, const struct line *l)
{
	buf_add(out, l->text);
	buf_addc(out, '\n');
}

WRITER(printk)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addc(out, ' ');
	end(out, l);
}

WRITER(bare)
{
	UNUSED_PLACE;
	end(out, l);
}

WRITER(levels)
{
	UNUSED_PLACE;
	buf_addz(out, "<4>");
	printk(out, l, n, of);
}

WRITER(level_only)
{
	UNUSED_PLACE;
	buf_addz(out, "<6>");
	end(out, l);
}

WRITER(caller)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addz(out, "[ T4783] ");
	end(out, l);
}

WRITER(caller_dmesg)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addz(out, " [    T156] ");
	end(out, l);
}

WRITER(dmesg_t)
{
	UNUSED_PLACE;
	buf_addf(out, "[Mon Jan  %d 15:04:05 2026] ", 2);
	end(out, l);
}

WRITER(dmesg_german)
{
	UNUSED_PLACE;
	buf_addz(out, "[Di M\xc3\xa4r 12 03:54:03 2025] ");
	end(out, l);
}

WRITER(dmesg_chinese)
{
	UNUSED_PLACE;
	buf_addz(out, "[\xe4\xba\x94 5\xe6\x9c\x88 15 17:19:17 2026] ");
	end(out, l);
}

WRITER(dmesg_japanese)
{
	UNUSED_PLACE;
	buf_addz(out, "[\xe6\x9c\x88  1\xe6\x9c\x88 26 01:49:41 2026] ");
	end(out, l);
}

WRITER(dmesg_t_delta)
{
	UNUSED_PLACE;
	buf_addz(out, "[Mon Jan  2 15:04:05 2026 <    0.000012>] ");
	end(out, l);
}

WRITER(dmesg_delta)
{
	UNUSED_PLACE;
	buf_addf(out, "[%5" PRId64 ".%06" PRId64 " <    0.000012>] ", l->us / 1000000,
		 l->us % 1000000);
	end(out, l);
}

WRITER(dmesg_delta_only)
{
	UNUSED_PLACE;
	buf_addz(out, "[<    0.000012>] ");
	end(out, l);
}

WRITER(dmesg_h)
{
	UNUSED_PLACE;
	buf_addz(out, n == 0 ? "[Jan 2 15:04] " : n % 2 ? "[  +0.000012] " : "[ +12.345678] ");
	end(out, l);
}

WRITER(dmesg_iso)
{
	UNUSED_PLACE;
	buf_addz(out, "2026-01-02T15:04:05,123456+01:00 ");
	end(out, l);
}

WRITER(dmesg_x)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? "kern  :warn  : " : "kern  :err   : ");
	printk(out, l, n, of);
}

static void json_text(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addf(out, "\\%c", s.p[i]);
		else if (s.p[i] == '<' || s.p[i] == '&')
			buf_addf(out, "\\u%04x", s.p[i]);
		else if ((unsigned char)s.p[i] < 0x20)
			buf_addf(out, "\\u%04x", s.p[i]);
		else
			buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

WRITER(dmesg_j)
{
	if (n == 0)
		buf_addz(out, "{\n   \"dmesg\": [\n");
	buf_addf(out, "      {\n         \"pri\": 4,\n         \"time\": %5" PRId64 ".%06" PRId64
		      ",\n         \"msg\": ",
		 l->us / 1000000, l->us % 1000000);
	json_text(out, l->text);
	buf_addz(out, n + 1 < of ? "\n      },\n" : "\n      }\n   ]\n}\n");
}

/* time in seconds, host, whatever: a line of another writer, `of` and `n` unused */
#define LINE_WRITER(name, before, after)                                                 \
	WRITER(name)                                                                     \
	{                                                                                \
		UNUSED_PLACE;                                                            \
		buf_addz(out, before);                                                   \
		buf_add(out, l->text);                                                   \
		buf_addz(out, after "\n");                                               \
	}
#define JSON_WRITER(name, before, after)                                                 \
	WRITER(name)                                                                     \
	{                                                                                \
		UNUSED_PLACE;                                                            \
		buf_addz(out, before);                                                   \
		json_text(out, l->text);                                                 \
		buf_addz(out, after "\n");                                               \
	}

LINE_WRITER(logcat_time, "01-15 16:00:00.900 I/kernel  (  500): ", "")
LINE_WRITER(logcat_process, "I(  500) ", "  (kernel)")
LINE_WRITER(logcat_thread, "I(  500:  500) ", "")
LINE_WRITER(logcat_long, "[ 01-15 16:00:00.900   500:  500 I/kernel   ]\n", "\n")
LINE_WRITER(logcat_year, "2026-01-15 16:00:00.900123 +0000   500   500 I kernel  : ", "")
LINE_WRITER(logcat_uid, "01-15 16:00:00.900  root   500   500 I kernel  : ", "")
LINE_WRITER(logcat_epoch, "1767366245.123   500   500 I kernel  : ", "")
LINE_WRITER(logcat_monotonic, "   12.345   500   500 I kernel  : ", "")
LINE_WRITER(kubectl, "2026-01-02T15:04:05.123456789Z [    1.234567] ", "")
LINE_WRITER(moreutils_ts, "Jan 02 15:04:05 [    1.234567] ", "")
LINE_WRITER(grep_file, "/var/log/kern.log.1:1234:Jan  2 15:04:05 h kernel: [    1.234567] ", "")
LINE_WRITER(grep_iso, "./kern.log.2.gz:2026-06-25T13:22:40.509571+08:00 host kernel: [    1.234567] ", "")
LINE_WRITER(numbered, "     1\t[    1.234567] ", "")
LINE_WRITER(grep_context, "messages-1234-Jan  2 15:04:05 h kernel: ", "")
LINE_WRITER(aws_tail, "2026-01-02T15:04:05.123000+00:00 i-0a/messages Jan  2 15:04:05 ip kernel: ", "")
LINE_WRITER(web_lines, "[    1.234567] ", "<br />")
LINE_WRITER(talos, "kern: warning: [2026-01-12T20:27:31.913975631Z]: ", "")
LINE_WRITER(talos_node, "10.5.0.3: kern:    info: [2026-01-12T20:27:31.913975631Z]: ", "")
LINE_WRITER(talos_name, "rack2: kern: warning: [2026-01-12T20:27:31.913975631Z]: ", "")
LINE_WRITER(vmware, "2023-12-04T10:49:30.103Z In(05) vcpu-5 - Guest: <4>[    1.234567] ", "")
LINE_WRITER(trailing_blanks, "[    1.234567] ", "   ")
LINE_WRITER(github_actions, "build\tRun dmesg\t2024-05-01T12:34:56.1234567Z [    1.234567] ", "")
LINE_WRITER(github_bare, "2024-05-01T12:34:56.1234567Z ", "")
LINE_WRITER(gitlab, "2024-05-01T12:34:56.123456Z 01O [    1.234567] ", "")
LINE_WRITER(gitlab_more, "2024-05-01T12:34:56.123456Z 01E+", "")
LINE_WRITER(jenkins, "12:34:56  ", "")
LINE_WRITER(jenkins_iso, "[2024-05-01T12:34:56.123Z] ", "")
LINE_WRITER(buildkite, "\033_bk;t=1714566896123\007[    1.234567] ", "\033[K")
LINE_WRITER(colours_lost, "[32m[    1.234567] [0m[33m", "[0m")
LINE_WRITER(colours_lost_behind, "Jan 02 15:04:05 h kernel: [0;1;38;5;185m", "[0m")
LINE_WRITER(colours_shown, "^[[32m[Fri Jan  2 ^[[1m15:04:05^[[0m 2026] ^[[0m^[[33m", "^[[0m")
LINE_WRITER(colours_octal, "Jan  2 15:04:05 h kernel: #033[32m[    1.234567] #033[0m", "")
LINE_WRITER(kubectl_all, "[pod/dmesg-x7k2p/reader] 2024-05-01T12:34:56.123456789Z [    1.234567] ", "\r")
LINE_WRITER(grabserial, "[1.234567 0.000012] ", "\r")
JSON_WRITER(google_text, "{\"insertId\":\"a\",\"resource\":{\"labels\":{\"log\":\"b\"}},\"textPayload\":",
	    ",\"timestamp\":\"2026-01-02T15:04:05.1Z\"}")
JSON_WRITER(google_json, "{\"jsonPayload\":{\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":",
	    "},\"logName\":\"projects/x/logs/kernel\"}")
JSON_WRITER(google_pretty, "  {\n    \"insertId\": \"a\",\n    \"jsonPayload\": {\n      \"MESSAGE\": ",
	    ",\n      \"SYSLOG_IDENTIFIER\": \"kernel\"\n    },\n    \"labels\": {}\n  },")
JSON_WRITER(cloudwatch, "{\"timestamp\":1767366245123,\"message\":", ",\"eventId\":\"36\"}")
JSON_WRITER(elastic, "{\"_index\":\"i\",\"_source\":{\"host\":{\"name\":\"h\"},\"message\":", "}}")
JSON_WRITER(beats, "{\"log\":{\"offset\":12},\"message\":", "}")
JSON_WRITER(fluentd, "2026-01-02T15:04:05+00:00\tkern.log\t{\"message\":", "}")
JSON_WRITER(fluentd_tag, "2026-01-02T15:04:05+00:00 kern.warn {\"host\":\"h\",\"message\":", "}")
JSON_WRITER(journal_sse, "data: {\"_TRANSPORT\":\"kernel\",\"MESSAGE\":", "}\n")
JSON_WRITER(journal_seq, "\x1e{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":", "}")
JSON_WRITER(journal_pretty, "{\n\t\"_TRANSPORT\" : \"kernel\",\n\t\"MESSAGE\" : ", "\n}")
JSON_WRITER(list_of_strings, "        ", ",")

LINE_WRITER(chrome_os, "2024-01-02T15:04:05.123456Z WARNING kernel: [    1.234567] ", "")
LINE_WRITER(chrome_os_bare, "2024-01-02T15:04:05.123456Z ERR kernel: ", "")
LINE_WRITER(metalog, "Jan  2 15:04:05 [kernel] ", "")
LINE_WRITER(log4j, "2024-01-02 15:04:05,123 WARN  [kernel] [    1.234567] ", "")
LINE_WRITER(logback, "2024-01-02 15:04:05.123 [main] WARN  kernel - ", "")
LINE_WRITER(webos, "2026-01-02T15:04:05.123456Z [1.234567] kern.warning kernel [] [    1.234567] ", "")
LINE_WRITER(nx_os, "2026 Jan  2 15:04:05 switch %KERN-3-SYSTEM_MSG: [    1.234567] ", " - kernel")
LINE_WRITER(nx_os_twice, "2026 Jan  2 15:04:05 N9k-1 Jan  2 15:04:05 %KERN-3-SYSTEM_MSG: [    1.234567] ", " - kernel")
LINE_WRITER(nx_os_vdc, "2026 Jan  2 15:04:05 leaf2 %$ VDC-1 %$ Jan  2 15:04:04 %KERN-3-SYSTEM_MSG: [    1.234567] ",
	    "  - kernel")
LINE_WRITER(nx_os_nameless, "2026 Jan  2 15:04:05  %$ VDC-1 %$ Jan  2 15:04:05 %KERN-0-SYSTEM_MSG: [    1.234567] ",
	    " - kernel")
LINE_WRITER(ios_xe, "*Jan  2 15:04:05.123: %IOSXE-4-PLATFORM: R0/0: kernel: ", "")
LINE_WRITER(ios_xe_time, "Jan  2 2026 15:04:05.123 UTC: %IOSXE-4-PLATFORM: Switch 1 R0/0: kernel: [    1.234567] ", "")
LINE_WRITER(year_behind, "<4>Jan  2 15:04:05 2026 sw1 kernel: ", "")
LINE_WRITER(pdsh, "node017: Jan  2 15:04:05 node017 kernel: ", "")
LINE_WRITER(pdsh_iso, "node017: 2026-01-02T15:04:05+0100 node017 kernel: [    1.234567] ", "")
LINE_WRITER(logcli, "2026-01-02T15:04:05+01:00 {job=\"kernel\", host=\"host\"} ", "")
LINE_WRITER(logcli_syslog, "2026-01-02T15:04:05Z {job=\"varlogs\"} Jan  2 15:04:05 h kernel: [    1.234567] ",
	    "")
LINE_WRITER(zone_named, "2026-01-02 15:04:05.123 UTC [12345.678901] ", "")
LINE_WRITER(kubectl_bare, "2026-01-02T15:04:05.123456789Z ", "")
LINE_WRITER(kubectl_level, "2026-01-02T15:04:05.123456789Z <4>[    1.234567] ", "")
LINE_WRITER(journal_german, "Okt 02 15:04:05 host kernel: ", "")
LINE_WRITER(journal_french, "déc. 02 15:04:05 host kernel: ", "")
LINE_WRITER(journal_russian, "февраля 02 15:04:05 host kernel: ", "")
LINE_WRITER(journal_japanese, "10月 02 15:04:05 host kernel: ", "")
LINE_WRITER(journal_unknown, "ديسمبر 02 15:04:05 host kernel: ", "")
LINE_WRITER(journal_full_japanese, "金 2026-01-02 15:04:05 JST host kernel: ", "")

JSON_WRITER(logfmt, "ts=2026-01-02T15:04:05Z host=host unit=kernel level=warn msg=", " n=7")
JSON_WRITER(loki_lines, "{\"labels\":{\"job\":\"k\"},\"line\":", ",\"timestamp\":\"2026-01-02T15:04:05Z\"}")

LINE_WRITER(arista, "Jan  2 15:04:05 leaf1 kernel: %KERN-6-INFO: [    1.234567] ", "")
LINE_WRITER(arista_bare, "%KERN-4-WARNING: ", "")
LINE_WRITER(routeros, "Jan  2 15:04:05 192.168.88.1 system,error,critical ", "")
LINE_WRITER(routeros_time, "Jan  2 15:04:05 192.168.88.1 system,error [    1.234567] ", "")
LINE_WRITER(logplex, "159 <40>1 2026-01-02T15:04:05+00:00 host app web.3 - [    1.234567] ", "")
LINE_WRITER(logplex_bare, "159 <4>1 2026-01-02T15:04:05+00:00 host kernel - - ", "")
LINE_WRITER(heroku_logs, "2026-01-02T15:04:05.000000+00:00 app[web.3]: [    1.234567] ", "")
LINE_WRITER(octets_counted, "159 <4>1 2026-01-02T15:04:05.003Z host kernel - - - ", "")
LINE_WRITER(node_logs, "ip-10-0-1-2.ec2.internal Jan 02 15:04:05.123456 ip-10-0-1-2 kernel: ", "")
LINE_WRITER(framed, "\xe2\x94\x82 [    1.234567] ", "      \xe2\x94\x82")
LINE_WRITER(framed_bare, "\xe2\x94\x83 ", " \xe2\x94\x83")
LINE_WRITER(python_bytes, "b'[    1.234567] ", "\\n'")
LINE_WRITER(python_bare, "'", "\\n',")
JSON_WRITER(otlp,
	    "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"host.name\",\"value\":"
	    "{\"stringValue\":\"h\"}}]},\"scopeLogs\":[{\"scope\":{},\"logRecords\":[{\"timeUnixNano\":"
	    "\"1767366245000000000\",\"body\":{\"stringValue\":",
	    "},\"severityNumber\":13}]}]}]}")

JSON_WRITER(otlp_list,
	    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1767366245000000000\","
	    "\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"PRIORITY\",\"value\":{\"intValue\":\"4\"}},"
	    "{\"key\":\"MESSAGE\",\"value\":{\"stringValue\":",
	    "}},{\"key\":\"_TRANSPORT\",\"value\":{\"stringValue\":\"kernel\"}}]}}}]}]}]}")

/* A router counts its lines; its other programs speak between. */
WRITER(ios_xe_counted)
{
	UNUSED_PLACE;
	buf_addf(out, "Jan  2 15:04:%02zu rtr1 %zu: Jan  2 15:04:%02zu.123: %%SYS-5-CONFIG_I: Configured from console\n",
		 n / 50 % 60, 2 * n, n / 50 % 60);
	buf_addf(out, "Jan  2 15:04:%02zu rtr1 %zu: Jan  2 15:04:%02zu.123: %%IOSXE-4-PLATFORM: R0/0: kernel: ",
		 n / 50 % 60, 2 * n + 1, n / 50 % 60);
	end(out, l);
}

static void csv_text(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

WRITER(csv)
{
	UNUSED_PLACE;
	if (n == 0)
		buf_addz(out, "\xef\xbb\xbf\"@timestamp\",\"host.name\",\"message\",\"level\"\r\n");
	buf_addz(out, "\"Jan 2, 2026 @ 15:04:05.123\",\"host\",");
	csv_text(out, l->text);
	buf_addz(out, ",\"4\"\r\n");
}

WRITER(csv_first)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	UNUSED_PLACE;
	if (n == 0)
		buf_addz(out, "_raw;_time;host\n");
	buf_addz(&text, "Jan  2 15:04:05 host kernel: ");
	buf_add(&text, l->text);
	csv_text(out, buf_str(&text));
	buf_addz(out, ";2026-01-02T15:04:05Z;host\n");
}

/* Two lines in one field. */
WRITER(csv_lines)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	if (n == 0)
		buf_addz(out, "Date,Message\n");
	if (n % 2 == 0)
		buf_addz(out, "2026-01-02 15:04:05,\"");
	csv_text(&text, l->text);
	buf_add(out, str_sub(buf_str(&text), 1, text.n - 2));
	buf_addz(out, n % 2 == 0 && n + 1 < of ? "\n" : "\"\n");
}

WRITER(tab_separated)
{
	UNUSED_PLACE;
	if (n == 0)
		buf_addz(out, "time\thost\tmessage\n");
	buf_addz(out, "2026-01-02T15:04:05Z\thost\t");
	end(out, l);
}

WRITER(logfmt_times)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	buf_addz(out, "time=\"2026-01-02T15:04:05Z\" level=info msg=");
	json_text(out, str_trim(buf_str(&text)));
	buf_addc(out, '\n');
}

/* Records of more than 50 bytes in pieces. */
WRITER(netconsole_pieces)
{
	enum { PIECE = 50 };

	UNUSED_PLACE;
	for (size_t i = 0; i == 0 || i < l->text.n; i += PIECE) {
		buf_addf(out, "4,%" PRId64 ",%" PRId64 ",-", l->us, l->us);
		if (l->text.n > PIECE)
			buf_addf(out, ",ncfrag=%zu/%zu", i, l->text.n);
		buf_addf(out, ";%.*s\n", STR_ARG(str_sub(l->text, i, PIECE)));
	}
}

WRITER(dmesg_j_lines)
{
	UNUSED_PLACE;
	buf_addf(out, "{\"pri\":4,\"time\":%" PRId64 ".%06" PRId64 ",\"caller\":\"T1\",\"msg\":",
		 l->us / 1000000, l->us % 1000000);
	json_text(out, l->text);
	buf_addz(out, "}\n");
}

static void hex_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x7f || c == '\\')
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
}

WRITER(kmsg)
{
	UNUSED_PLACE;
	buf_addf(out, "4,%zu,%" PRId64 ",-;", n + 1000, l->us);
	hex_escaped(out, l->text);
	buf_addz(out, "\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:01.0\n");
}

/* A dump of /dev/kmsg in a mail: cut at 72 columns, between words. */
WRITER(kmsg_mailed)
{
	CLEANUP_BUF struct buf whole = BUF_INIT(1 << 16);
	struct str rest, dictionary;

	kmsg(&whole, l, n, of);
	dictionary = buf_str(&whole);
	(void)take_line(&dictionary, &rest);
	while (rest.n > 72) {
		size_t at = str_rfind(str_sub(rest, 0, 72), STR(" "));

		if (at == SIZE_MAX || at < 30)
			break;
		buf_add(out, str_sub(rest, 0, at));
		buf_addz(out, " \n");
		rest = str_from(rest, at + 1);
	}
	buf_add(out, rest);
	buf_addc(out, '\n');
	buf_add(out, dictionary);
}

/* What a container prints that reads /dev/kmsg: two lines in a record */
WRITER(docker_kmsg)
{
	CLEANUP_BUF struct buf whole = BUF_INIT(1 << 16);

	UNUSED_PLACE;
	if (n % 2 && n + 1 < of)
		return;
	buf_addf(&whole, "4,%zu,%" PRId64 ",-;", n + 1000, l->us);
	if (n % 2 == 0 && n + 2 < of) {
		hex_escaped(&whole, l->text);
		buf_addz(&whole, "\\x0a");
		hex_escaped(&whole, l[1].text);
	} else {
		hex_escaped(&whole, l->text);
	}
	buf_addz(out, "{\"log\":");
	json_text(out, buf_str(&whole));
	buf_addz(out, ",\"stream\":\"stdout\",\"time\":\"2026-01-02T15:04:05.1Z\"}\n");
}

WRITER(kmsg_caller)
{
	UNUSED_PLACE;
	buf_addf(out, "4,%zu,%" PRId64 ",-,caller=T1234;", n + 1000, l->us);
	hex_escaped(out, l->text);
	buf_addc(out, '\n');
}

WRITER(netconsole)
{
	UNUSED_PLACE;
	buf_addz(out, "2016-12-19 16:14:24 192.168.186.128:6666 ");
	printk(out, l, n, of);
}

WRITER(netconsole_extended)
{
	UNUSED_PLACE;
	buf_addf(out, "6.4.0,6,%zu,%" PRId64 ",-,caller=T1;", n + 1, l->us);
	end(out, l);
}

WRITER(rfc3164)
{
	UNUSED_PLACE;
	buf_addz(out, "Jan  2 15:04:05 host kernel: ");
	printk(out, l, n, of);
}

WRITER(rfc3164_pid)
{
	UNUSED_PLACE;
	buf_addz(out, "Jan 02 15:04:05 host.example.org kernel[0]: ");
	end(out, l);
}

WRITER(rfc3164_nohost)
{
	UNUSED_PLACE;
	buf_addz(out, "Feb 18 17:34:47  kernel: ");
	printk(out, l, n, of);
}

WRITER(busybox)
{
	UNUSED_PLACE;
	buf_addz(out, "Jan  1 00:00:10 host kern.warn kernel: ");
	printk(out, l, n, of);
}

WRITER(rsyslog_iso)
{
	UNUSED_PLACE;
	buf_addz(out, "2026-06-25T13:22:40.509571+08:00 host kernel: ");
	printk(out, l, n, of);
}

WRITER(rfc5424)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? "<4>1 2026-01-02T15:04:05.003Z host kernel - - - "
			    : "<4>1 2026-01-02T15:04:05.003Z host kernel - - [x@1 a=\"b\"] ");
	printk(out, l, n, of);
}

/* Two lines in one syslog record. */
WRITER(rsyslog_octal)
{
	UNUSED_PLACE;
	if (n % 2 == 0)
		buf_addz(out, "Jan  2 15:04:05 host kernel: ");
	buf_add(out, l->text);
	buf_addz(out, n % 2 == 0 && n + 1 < of ? "#012" : "\n");
}

WRITER(journal_short)
{
	UNUSED_PLACE;
	buf_addz(out, "Jan 02 15:04:05 host kernel: ");
	end(out, l);
}

WRITER(journal_precise)
{
	UNUSED_PLACE;
	buf_addz(out, "Jan 02 15:04:05.123456 host kernel: ");
	end(out, l);
}

WRITER(journal_iso)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? "2026-01-02T15:04:05+0100 host kernel: "
			    : "2026-01-02T15:04:05+01:00 host kernel: ");
	end(out, l);
}

WRITER(journal_full)
{
	UNUSED_PLACE;
	buf_addz(out, "Fri 2026-01-02 15:04:05 CET host kernel: ");
	end(out, l);
}

WRITER(journal_monotonic)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addz(out, " host kernel: ");
	end(out, l);
}

WRITER(journal_unix)
{
	UNUSED_PLACE;
	buf_addz(out, "1767366245.123456 host kernel: ");
	end(out, l);
}

static void export_head(struct buf *out, const struct line *l)
{
	buf_addf(out,
		 "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1767366245123456\n"
		 "__MONOTONIC_TIMESTAMP=1\n_HOSTNAME=host\n_TRANSPORT=kernel\n"
		 "SYSLOG_IDENTIFIER=kernel\n_SOURCE_MONOTONIC_TIMESTAMP=%" PRId64 "\n",
		 l->us);
}

WRITER(journal_export)
{
	UNUSED_PLACE;
	export_head(out, l);
	buf_addz(out, "MESSAGE=");
	end(out, l);
	buf_addz(out, "PRIORITY=4\n\n");
}

/* Three lines in one message: then the field is binary, with its length in front. */
WRITER(journal_binary)
{
	static char together[65536];
	static size_t used;

	if (n % 3 == 0) {
		export_head(out, l);
		used = 0;
	} else {
		together[used++] = '\n';
	}
	if (used + l->text.n + 1 < sizeof(together)) {
		memcpy(together + used, l->text.p, l->text.n);
		used += l->text.n;
	}
	if (n % 3 == 2 || n + 1 == of) {
		buf_addz(out, "MESSAGE\n");
		for (int i = 0; i < 8; i++)
			buf_addc(out, (char)(used >> (8 * i) & 0xff));
		buf_add(out, (struct str){together, used});
		buf_addz(out, "\nPRIORITY=4\n\n");
	}
}

WRITER(journal_json)
{
	UNUSED_PLACE;
	buf_addf(out,
		 "{\"__REALTIME_TIMESTAMP\":\"1767366245123456\",\"_TRANSPORT\":\"kernel\","
		 "\"_SOURCE_MONOTONIC_TIMESTAMP\":\"%" PRId64 "\",\"MESSAGE\":",
		 l->us);
	json_text(out, l->text);
	buf_addz(out, ",\"SYSLOG_IDENTIFIER\":\"kernel\",\"_HOSTNAME\":\"host\"}\n");
}

/* Every fifth message as an array of bytes, as journald prints what is not UTF-8. Those that
 * wake the parser stay text. */
WRITER(journal_json_bytes)
{
	if (n % 5 || str_find(l->text, STR("oom")) != SIZE_MAX) {
		journal_json(out, l, n, of);
		return;
	}
	buf_addz(out, "{\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":[");
	for (size_t i = 0; i < l->text.n; i++)
		buf_addf(out, "%s%d", i ? "," : "", (unsigned char)l->text.p[i]);
	buf_addz(out, "]}\n");
}

WRITER(journal_verbose)
{
	UNUSED_PLACE;
	buf_addz(out, "Fri 2026-01-02 15:04:05.123456 CET [s=1a2b;i=3c;b=4d;m=5e;t=6f;x=7a]\n"
		      "    _TRANSPORT=kernel\n    SYSLOG_IDENTIFIER=kernel\n"
		      "    _HOSTNAME=host\n    MESSAGE=");
	end(out, l);
	buf_addz(out, "    PRIORITY=4\n");
}

WRITER(journal_verbose_french)
{
	UNUSED_PLACE;
	buf_addz(out, "ven. 2026-01-02 15:04:05.123456 CET [s=1a2b;i=3c;b=4d;m=5e;t=6f;x=7a]\n"
		      "    _TRANSPORT=kernel\n    _HOSTNAME=host\n    MESSAGE=");
	end(out, l);
	buf_addz(out, "    PRIORITY=4\n");
}

WRITER(serial)
{
	UNUSED_PLACE;
	if (n == 0)
		buf_addz(out, "\033[2J\033[1;1Hhost login: ");
	stamp(out, l->us);
	buf_addz(out, " \033[31m");
	buf_add(out, l->text);
	buf_addz(out, n % 2 ? "\033[0m\r\n" : "\033[0m\r\r\n");
}

/* Serial over IPMI: each line is put in its place, and none ends */
WRITER(serial_placed)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	buf_addf(out, "\033[%zu;01H%.*s\033[K%s", n < 24 ? n + 1 : 24, (int)text.n - 1, text.p,
		 n + 1 == of ? "\r\n" : "");
}

WRITER(with_nuls)
{
	UNUSED_PLACE;
	if (n % 7 == 0)
		buf_add(out, (struct str){"\0\0\0", 3});
	printk(out, l, n, of);
}

WRITER(logcat)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? "01-15 16:00:00.900   500   500 I         : "
			    : "01-15 16:00:00.900  1500  1500 E kernel  : ");
	end(out, l);
}

WRITER(logcat_brief)
{
	UNUSED_PLACE;
	buf_addz(out, "E kernel  : ");
	end(out, l);
}

/* logd takes the word before a colon for a tag, logcat fills it up. */
WRITER(logcat_tags)
{
	enum { COLUMN = 8 };
	struct str tag = str_sub(l->text, 0, str_find(l->text, STR(": ")));
	size_t blank = str_find_char(tag, ' ');

	UNUSED_PLACE;
	buf_addz(out, "01-15 16:00:00.900   500   500 W ");
	if (tag.n == 0 || tag.n >= COLUMN || tag.n == l->text.n || blank != SIZE_MAX) {
		buf_addz(out, "kernel  : ");
		end(out, l);
		return;
	}
	buf_addf(out, "%-*.*s%.*s\n", COLUMN, (int)tag.n, tag.p, STR_ARG(str_from(l->text, tag.n)));
}

WRITER(samsung)
{
	UNUSED_PLACE;
	buf_addz(out, "<6>");
	stamp(out, l->us);
	buf_addz(out, " [4: binder:569_5:27109] ");
	end(out, l);
}

WRITER(samsung_level)
{
	UNUSED_PLACE;
	buf_addz(out, "<6>");
	stamp(out, l->us);
	buf_addz(out, "  I[4:    binder:569_5:27109] ");
	end(out, l);
}

WRITER(oppo)
{
	UNUSED_PLACE;
	buf_addz(out, "<6>");
	stamp(out, l->us);
	buf_addz(out, n % 2 ? "(CPU:0-pid:320:logd.auditd) " : " (CPU:6-pid:551:init) [09:26:15.193216] ");
	end(out, l);
}

WRITER(mediatek)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addz(out, "<1>.(2)[452:kworker/u16:7]");
	end(out, l);
}

WRITER(qualcomm)
{
	UNUSED_PLACE;
	buf_addz(out, "<6>");
	stamp(out, l->us);
	buf_addz(out, " c0   1234 ");
	end(out, l);
}

WRITER(mediatek_plain)
{
	UNUSED_PLACE;
	stamp(out, l->us);
	buf_addz(out, "  (0)[88:kswapd0]");
	end(out, l);
}

WRITER(amlogic)
{
	UNUSED_PLACE;
	buf_addf(out, "<4>[%5" PRId64 ".%06" PRId64 "@2] ", l->us / 1000000, l->us % 1000000);
	end(out, l);
}

WRITER(huawei)
{
	UNUSED_PLACE;
	buf_addf(out, "<4>[%5" PRId64 ".%06" PRId64 "s][2018:01:01 12:00:00][pid:12,cpu4,kswapd0]",
		 l->us / 1000000, l->us % 1000000);
	end(out, l);
}

WRITER(openwrt)
{
	UNUSED_PLACE;
	buf_addf(out, "Thu Jan  2 15:04:05 2026 kern.%s kernel: ", n % 2 ? "warn" : "err");
	printk(out, l, n, of);
}

WRITER(minicom)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? "[2026-01-02 15:04:05] " : "[2026-01-02 15:04:05.123] ");
	printk(out, l, n, of);
}

WRITER(clock_only)
{
	UNUSED_PLACE;
	buf_addz(out, "15:04:05 ");
	printk(out, l, n, of);
}

WRITER(compose)
{
	UNUSED_PLACE;
	buf_addz(out, "node1  | ");
	printk(out, l, n, of);
}

WRITER(lava)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	text.n--;
	buf_addz(out, "- {\"dt\": \"2024-06-05T10:00:00.123456\", \"lvl\": \"target\", \"msg\": ");
	json_text(out, buf_str(&text));
	buf_addz(out, "}\n");
}

WRITER(docker)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	buf_addz(out, "{\"log\":");
	json_text(out, buf_str(&text));
	buf_addz(out, ",\"stream\":\"stdout\",\"time\":\"2026-01-02T15:04:05.1Z\"}\n");
}

WRITER(cri)
{
	UNUSED_PLACE;
	buf_addz(out, "2026-01-02T15:04:05.123456789Z stderr F ");
	printk(out, l, n, of);
}

WRITER(quoted)
{
	UNUSED_PLACE;
	buf_addz(out, "> ");
	printk(out, l, n, of);
}

WRITER(quoted_twice)
{
	UNUSED_PLACE;
	buf_addz(out, n % 2 ? ">> " : "> > ");
	printk(out, l, n, of);
}

WRITER(barred)
{
	UNUSED_PLACE;
	buf_addz(out, " | ");
	printk(out, l, n, of);
}

WRITER(indented)
{
	UNUSED_PLACE;
	buf_addz(out, "\t  ");
	printk(out, l, n, of);
}

WRITER(no_break)
{
	UNUSED_PLACE;
	buf_addz(out, "\xc2\xa0\xc2\xa0");
	stamp(out, l->us);
	buf_addz(out, "\xc2\xa0");
	end(out, l);
}

WRITER(html)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	levels(&text, l, n, of);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '<')
			buf_addz(out, "&lt;");
		else if (text.p[i] == '>')
			buf_addz(out, "&gt;");
		else if (text.p[i] == '&')
			buf_addz(out, "&amp;");
		else
			buf_addc(out, text.p[i]);
	}
}

/* Words moved to the next line where they do not fit into `width` columns. */
static void wrap(struct buf *out, struct str s, size_t width, const char *quote)
{
	size_t column = 0, start = 0;

	while (start < s.n) {
		size_t blank = start, end_of;

		while (blank < s.n && s.p[blank] == ' ')
			blank++;
		end_of = blank;
		while (end_of < s.n && s.p[end_of] != ' ')
			end_of++;
		if (column && column + (end_of - start) > width) {
			buf_addc(out, '\n');
			buf_addz(out, quote);
			start = blank;
			column = 0;
		}
		buf_add(out, str_sub(s, start, end_of - start));
		column += end_of - start;
		start = end_of;
	}
	buf_addc(out, '\n');
}

static void mail(struct buf *out, const struct line *l, const char *head, size_t width, const char *quote)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	buf_addz(&text, head);
	stamp(&text, l->us);
	buf_addc(&text, ' ');
	buf_add(&text, l->text);
	buf_addz(out, quote);
	wrap(out, buf_str(&text), width, quote);
}

WRITER(mail_wrapped)
{
	UNUSED_PLACE;
	mail(out, l, "", 72, "");
}

WRITER(mail_wrapped_quoted)
{
	UNUSED_PLACE;
	mail(out, l, "Jan  2 15:04:05 host kernel: ", 76, "> ");
}

/* A long prefix leaves room for the first words only. */
WRITER(mail_wrapped_iso)
{
	UNUSED_PLACE;
	mail(out, l, "2026-06-25T13:22:40.509571+08:00 host kernel: ", 72, "");
}

/* Copied off a screen: cut at its edge, in the middle of words. */
static void cut_at(struct buf *out, const struct line *l, size_t width)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);
	struct str rest;

	buf_addz(&text, "Jan  2 15:04:05 host kernel: ");
	stamp(&text, l->us);
	buf_addc(&text, ' ');
	buf_add(&text, l->text);
	for (rest = buf_str(&text); rest.n > width; rest = str_from(rest, width)) {
		buf_add(out, str_sub(rest, 0, width));
		buf_addc(out, '\n');
	}
	buf_add(out, rest);
	buf_addc(out, '\n');
}

WRITER(screen_80)
{
	UNUSED_PLACE;
	cut_at(out, l, 80);
}

WRITER(screen_100)
{
	UNUSED_PLACE;
	cut_at(out, l, 100);
}

WRITER(mail_wrapped_bare)
{
	UNUSED_PLACE;
	wrap(out, l->text, 72, "");
}

WRITER(quoted_printable)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);
	size_t column = 0;

	printk(&text, l, n, of);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		char unit[8];

		if (c == '\n') {
			buf_addc(out, '\n');
			column = 0;
			continue;
		}
		if (c == '=' || c >= 0x7f)
			snprintf(unit, sizeof(unit), "=%02X", c);
		else
			snprintf(unit, sizeof(unit), "%c", c);
		if (column + strlen(unit) > 75) {
			buf_addz(out, "=\n");
			column = 0;
		}
		buf_addz(out, unit);
		column += strlen(unit);
	}
}

/* ---- what tools put in front of any line: outer.c ---- */

WRITER(numbered_cri)
{
	buf_addf(out, "%zu:", n + 1);
	cri(out, l, n, of);
}

WRITER(numbered_csv)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);
	struct str rest, line;

	csv_first(&text, l, n, of);
	for (rest = buf_str(&text); take_line(&rest, &line);)
		buf_addf(out, "%6zu\t%.*s\n", n + 1, STR_ARG(line));
}

WRITER(numbered_bare)
{
	buf_addf(out, "%6zu  ", n + 1);
	bare(out, l, n, of);
}

WRITER(quoted_json)
{
	buf_addz(out, n % 2 ? ">> " : "> > ");
	docker(out, l, n, of);
}

WRITER(listed_file_kmsg)
{
	buf_addf(out, "* /var/log/kmsg.1:%zu:", n + 1);
	kmsg_caller(out, l, n, of);
}

LINE_WRITER(table_row, "| 15:04:05 | [    1.234567] ", " |")
LINE_WRITER(table_row_tight, "|[    1.234567] ", "|")
LINE_WRITER(chat, "15:04 <anna> ", "")
LINE_WRITER(chat_other, "[02.01. 15:04] Anna Example: ", "")
LINE_WRITER(chat_stamp, "[3:04 PM] Jan  2 15:04:05 db1 kernel: ", "")
LINE_WRITER(listed, "- ", "")
LINE_WRITER(file_bare, "kern.log.2.gz:", "")
LINE_WRITER(diff_added, "+[    1.234567] ", "")
LINE_WRITER(pod_syslog, "2026-01-02T15:04:05.123456789Z stdout F Jan  2 15:04:05 db1 kernel: [    1.234567] ", "")

/* ---- many lines in one: sheet.c, split.c ---- */

/* The line behind `before`, without its newline, which `between` stands for. */
static void in_one(struct buf *out, const struct line *l, size_t n, size_t of, writer_fn *write,
		   const char *const marks[3])
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	write(&text, l, n, of);
	buf_addz(out, n ? marks[1] : marks[0]);
	buf_add(out, str_sub(buf_str(&text), 0, text.n - 1));
	if (n + 1 == of)
		buf_addz(out, marks[2]);
}

#define IN_ONE(name, write, before, between, behind)                                     \
	WRITER(name)                                                                     \
	{                                                                                \
		static const char *const marks[] = {before, between, behind};            \
		in_one(out, l, n, of, write, marks);                                     \
	}

IN_ONE(page_br, html, "<html><body><p>", "<br/>", "</p></body></html>\n")
IN_ONE(page_br_plain, html, "", "<BR>", "\n")
IN_ONE(page_entities, html, "<pre>", "&#13;&#10;", "</pre>\n")
IN_ONE(page_hex_entities, html, "", "&#xA;", "\n")
IN_ONE(page_divs, html, "<div>", "</div><div class=\"line\">", "</div>\n")
IN_ONE(page_table, html, "<table><tr><td>1</td><td>", "</td></tr><tr><td>23</td><td>",
       "</td></tr></table>\n")
IN_ONE(syslog_c, printk, "Jan  2 15:04:05 host kernel: ", "\\n", "\n")
IN_ONE(syslog_c_bare, bare, "Jan  2 15:04:05 host kernel: ", "\\n", "\n")
IN_ONE(syslog_c_octal, printk, "Jan  2 15:04:05 host kernel: ", "\\012", "\n")
IN_ONE(syslog_rsyslog, printk, "Jan  2 15:04:05 host kernel: ", "#012", "\n")
IN_ONE(shell_quoted, levels, "out=$'", "\\n", "'\n")
IN_ONE(python_string, printk, "b'", "\\n", "\\n'\n")
IN_ONE(python_list, printk, "['", "\\n', '", "\\n']\n")
IN_ONE(form_blanks, printk, "", " ", "\n")
IN_ONE(form_blanks_syslog, rfc3164, "", " ", "\n")

WRITER(printk_csv)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST), field = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	csv_text(&field, buf_str(&text));
	buf_add(out, str_sub(buf_str(&field), 1, field.n - 2));
}

IN_ONE(csv_cell, printk_csv, "time,host,message,level\n2026-01-02T15:04:05Z,db1,\"", "\n", "\",4\n")
IN_ONE(csv_cell_c, printk_csv, "message,host\n\"", "\\n", "\",db1\n")

/* All of it in one string, the newlines as JSON writes them */
static void json_document(struct buf *out, const struct line *l, size_t n, size_t of,
			  const char *before, const char *behind)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	if (n + 1 < of)
		return;
	for (size_t i = 0; i < of; i++)
		printk(&text, l - n + i, i, of);
	buf_addz(out, before);
	json_text(out, buf_str(&text));
	buf_addz(out, behind);
}

WRITER(json_all)
{
	json_document(out, l, n, of, "{\"@timestamp\":\"2026-01-02T15:04:05Z\",\"message\":", "}\n");
}

/* What the container of a program that prints such a document leaves behind */
WRITER(docker_split)
{
	enum { PIECE = 16 * 1024 };
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);
	struct str all;

	json_document(&text, l, n, of, "{\"message\":", "}\n");
	for (all = buf_str(&text); all.n; all = str_from(all, PIECE)) {
		CLEANUP_BUF struct buf piece = BUF_INIT(LARGEST);
		struct str first = str_sub(all, 0, PIECE);

		buf_addz(out, "{\"log\":");
		json_text(&piece, first);
		if (str_ends(first, STR("\n"))) { /* docker writes that one as \n */
			buf_add(out, str_sub(buf_str(&piece), 0, piece.n - STR("u000a\"").n));
			buf_addz(out, "n\"");
		} else {
			buf_add(out, buf_str(&piece));
		}
		buf_addz(out, ",\"stream\":\"stdout\",\"time\":\"2026-01-02T15:04:05.1Z\"}\n");
	}
}

/* In the middle of each line, what is said on the other stream between */
WRITER(cri_split)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);
	struct str first;

	printk(&text, l, n, of);
	first = str_sub(buf_str(&text), 0, 3 + n % text.n);
	for (; text.n > first.n; first = str_from(buf_str(&text), first.n)) {
		buf_addf(out, "2026-01-02T15:04:05.123456789Z stdout P %.*s\n", STR_ARG(first));
		if (n % 5 == 0)
			buf_addz(out, "2026-01-02T15:04:05.123456789Z stderr P \n"
				      "2026-01-02T15:04:05.123456789Z stderr F \n");
		buf_addf(out, "2026-01-02T15:04:05.123456789Z stdout F %.*s",
			 STR_ARG(str_from(buf_str(&text), first.n)));
		return;
	}
	buf_addf(out, "2026-01-02T15:04:05.123456789Z stdout F %.*s", STR_ARG(buf_str(&text)));
}

/* Nothing but bytes, as jq prints them: a number a line */
WRITER(journal_bytes_pretty)
{
	UNUSED_PLACE;
	buf_addz(out, "{\n  \"SYSLOG_IDENTIFIER\": \"kernel\",\n  \"MESSAGE\": [\n");
	for (size_t i = 0; i < l->text.n; i++)
		buf_addf(out, "    %d%s\n", (unsigned char)l->text.p[i],
			 i + 1 < l->text.n ? "," : "");
	buf_addz(out, "  ],\n  \"_TRANSPORT\": \"kernel\"\n}\n");
}

WRITER(journal_bytes_only)
{
	UNUSED_PLACE;
	buf_addz(out, "{\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":[");
	for (size_t i = 0; i < l->text.n; i++)
		buf_addf(out, "%s%d", i ? "," : "", (unsigned char)l->text.p[i]);
	buf_addz(out, "]}\n");
}

/* Of services that search logs: the record is an object of the object */
WRITER(nested_record)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	buf_addz(out, n ? "" : "{\"data\":[\n");
	buf_addz(out, "{\"id\":\"a\",\"attributes\":{\"message\":");
	json_text(out, str_sub(buf_str(&text), 0, text.n - 1));
	buf_addz(out, n + 1 < of ? "}},\n" : "}}]}\n");
}

WRITER(unknown_key)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LARGEST);

	printk(&text, l, n, of);
	buf_addz(out, "{\"v\":1,\"words\":");
	json_text(out, buf_str(&text));
	buf_addz(out, "}\n");
}

static const struct {
	const char *name;
	writer_fn *write;
} writers[] = {
	{"printk", printk},
	{"bare", bare},
	{"<4>[ts]", levels},
	{"<6>", level_only},
	{"caller id", caller},
	{"caller id of dmesg", caller_dmesg},
	{"dmesg -T", dmesg_t},
	{"dmesg -T, German", dmesg_german},
	{"dmesg -T, Chinese", dmesg_chinese},
	{"dmesg -T, Japanese", dmesg_japanese},
	{"dmesg -T -d", dmesg_t_delta},
	{"dmesg -d", dmesg_delta},
	{"dmesg -d without times", dmesg_delta_only},
	{"dmesg -H", dmesg_h},
	{"dmesg --time-format iso", dmesg_iso},
	{"dmesg -x", dmesg_x},
	{"dmesg -J", dmesg_j},
	{"dmesg -J, a line each", dmesg_j_lines},
	{"/dev/kmsg", kmsg},
	{"/dev/kmsg, mailed", kmsg_mailed},
	{"/dev/kmsg with callers", kmsg_caller},
	{"/dev/kmsg, docker", docker_kmsg},
	{"netconsole", netconsole},
	{"netconsole extended", netconsole_extended},
	{"RFC 3164", rfc3164},
	{"RFC 3164 kernel[0]", rfc3164_pid},
	{"RFC 3164 without a host", rfc3164_nohost},
	{"busybox", busybox},
	{"rsyslog ISO", rsyslog_iso},
	{"RFC 5424", rfc5424},
	{"rsyslog #012", rsyslog_octal},
	{"journal short", journal_short},
	{"journal precise", journal_precise},
	{"journal iso", journal_iso},
	{"journal full", journal_full},
	{"journal monotonic", journal_monotonic},
	{"journal unix", journal_unix},
	{"journal export", journal_export},
	{"journal export, binary", journal_binary},
	{"journal json", journal_json},
	{"journal json, bytes", journal_json_bytes},
	{"journal verbose", journal_verbose},
	{"serial console", serial},
	{"NULs", with_nuls},
	{"serial over IPMI", serial_placed},
	{"GitHub Actions", github_actions},
	{"GitHub Actions without times", github_bare},
	{"GitLab", gitlab},
	{"GitLab, goes on", gitlab_more},
	{"Jenkins", jenkins},
	{"Jenkins, ISO", jenkins_iso},
	{"Buildkite", buildkite},
	{"colours whose ESC is lost", colours_lost},
	{"... of the text alone", colours_lost_behind},
	{"colours as cat -v shows them, in a date, too", colours_shown},
	{"colours as rsyslog writes them", colours_octal},
	{"kubectl with all", kubectl_all},
	{"grabserial", grabserial},
	{"logcat", logcat},
	{"logcat brief", logcat_brief},
	{"logcat, words as tags", logcat_tags},
	{"Samsung", samsung},
	{"Samsung with the level", samsung_level},
	{"OPPO", oppo},
	{"NX-OS, the time twice", nx_os_twice},
	{"NX-OS with its device", nx_os_vdc},
	{"NX-OS without a name", nx_os_nameless},
	{"IOS-XE", ios_xe},
	{"IOS-XE, kernel's time", ios_xe_time},
	{"IOS-XE, counted", ios_xe_counted},
	{"the year behind the time", year_behind},
	{"pdsh", pdsh},
	{"pdsh, ISO", pdsh_iso},
	{"MediaTek", mediatek},
	{"Qualcomm", qualcomm},
	{"MediaTek without level", mediatek_plain},
	{"Amlogic", amlogic},
	{"Huawei", huawei},
	{"OpenWrt", openwrt},
	{"minicom", minicom},
	{"time of day", clock_only},
	{"docker compose", compose},
	{"LAVA", lava},
	{"docker", docker},
	{"CRI", cri},
	{"> quoted", quoted},
	{">> quoted", quoted_twice},
	{"| quoted", barred},
	{"indented", indented},
	{"no-break spaces", no_break},
	{"HTML", html},
	{"wrapped mail", mail_wrapped},
	{"wrapped quoted mail", mail_wrapped_quoted},
	{"wrapped mail with ISO dates", mail_wrapped_iso},
	{"screen of 80 columns", screen_80},
	{"screen of 100 columns", screen_100},
	{"wrapped mail without times", mail_wrapped_bare},
	{"quoted-printable", quoted_printable},
	{"logcat time", logcat_time},
	{"logcat process", logcat_process},
	{"logcat thread", logcat_thread},
	{"logcat long", logcat_long},
	{"logcat year", logcat_year},
	{"logcat uid", logcat_uid},
	{"logcat epoch", logcat_epoch},
	{"logcat monotonic", logcat_monotonic},
	{"kubectl", kubectl},
	{"moreutils ts", moreutils_ts},
	{"grep file", grep_file},
	{"grep file, ISO dates", grep_iso},
	{"cat -n", numbered},
	{"grep context", grep_context},
	{"aws tail", aws_tail},
	{"web lines", web_lines},
	{"talosctl dmesg", talos},
	{"talosctl dmesg of a node", talos_node},
	{"talosctl dmesg of a node with a name", talos_name},
	{"vmware.log", vmware},
	{"trailing blanks", trailing_blanks},
	{"google text", google_text},
	{"google json", google_json},
	{"google pretty", google_pretty},
	{"cloudwatch", cloudwatch},
	{"elastic", elastic},
	{"beats", beats},
	{"fluentd", fluentd},
	{"fluentd, a tag in front", fluentd_tag},
	{"journal sse", journal_sse},
	{"journal seq", journal_seq},
	{"journal pretty", journal_pretty},
	{"list of strings", list_of_strings},
	{"netconsole pieces", netconsole_pieces},
	{"logfmt", logfmt},
	{"logfmt with times", logfmt_times},
	{"Loki, a line each", loki_lines},
	{"CSV", csv},
	{"CSV, the text first", csv_first},
	{"CSV, fields of two lines", csv_lines},
	{"tab-separated", tab_separated},
	{"Chrome OS", chrome_os},
	{"Chrome OS without times", chrome_os_bare},
	{"metalog", metalog},
	{"log4j", log4j},
	{"logback", logback},
	{"webOS", webos},
	{"NX-OS", nx_os},
	{"logcli", logcli},
	{"logcli, of a syslog", logcli_syslog},
	{"a time with its zone", zone_named},
	{"kubectl without times", kubectl_bare},
	{"kubectl with levels", kubectl_level},
	{"journal, German", journal_german},
	{"journal, French", journal_french},
	{"journal, Russian", journal_russian},
	{"journal, Japanese", journal_japanese},
	{"journal, a language we do not know", journal_unknown},
	{"journal full, Japanese", journal_full_japanese},
	{"journal verbose, French", journal_verbose_french},
	{"grep -n, CRI", numbered_cri},
	{"cat -n, CSV", numbered_csv},
	{"nl, no times", numbered_bare},
	{"quoted JSON", quoted_json},
	{"a list of grep -Hn, /dev/kmsg", listed_file_kmsg},
	{"rows of a table", table_row},
	{"rows of Jira", table_row_tight},
	{"chat", chat},
	{"chat with names", chat_other},
	{"chat with times", chat_stamp},
	{"a list, no times", listed},
	{"zgrep, no times", file_bare},
	{"diff", diff_added},
	{"a pod's syslog", pod_syslog},
	{"page, <br/>", page_br},
	{"page, <BR>", page_br_plain},
	{"page, &#10;", page_entities},
	{"page, &#xA;", page_hex_entities},
	{"page, <div>", page_divs},
	{"page, <table>", page_table},
	{"\\n in a syslog", syslog_c},
	{"\\n in a syslog, no times", syslog_c_bare},
	{"\\012 in a syslog", syslog_c_octal},
	{"#012 in a syslog, all of it", syslog_rsyslog},
	{"shell's quotes", shell_quoted},
	{"a form that makes blanks of newlines", form_blanks},
	{"the same of a syslog", form_blanks_syslog},
	{"CSV, all in one field", csv_cell},
	{"CSV, all in one field, \\n", csv_cell_c},
	{"a JSON record of all of it", json_all},
	{"docker, a JSON record in pieces", docker_split},
	{"CRI, lines in pieces", cri_split},
	{"journal pretty, bytes only", journal_bytes_pretty},
	{"journal json, bytes only", journal_bytes_only},
	{"nested records", nested_record},
	{"records of unknown keys", unknown_key},
	{"EOS", arista},
	{"EOS, no times", arista_bare},
	{"RouterOS", routeros},
	{"RouterOS with times", routeros_time},
	{"Heroku", logplex},
	{"Heroku, kernel", logplex_bare},
	{"heroku logs", heroku_logs},
	{"RFC 6587", octets_counted},
	{"oc adm node-logs", node_logs},
	{"a frame", framed},
	{"a frame, no times", framed_bare},
	{"Python's bytes", python_bytes},
	{"a list of Python's, no times", python_bare},
	{"a string of Python's", python_string},
	{"a list of Python's", python_list},
	{"OpenTelemetry", otlp},
	{"OpenTelemetry, a list of values", otlp_list},
};

static bool read_log(const char *golden)
{
	char path[4200], chunk[65536];
	struct str text, line;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/log", golden);
	f = fopen(path, "rb");
	if (!f)
		return false;
	buf_clear(&source);
	n_lines = 0;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&source, (struct str){chunk, n});
	fclose(f);
	text = buf_str(&source);
	while (take_line(&text, &line) && n_lines < ARRAY_COUNT(lines)) {
		struct line *l = &lines[n_lines];
		uint64_t s, us;

		if (!take_char(&line, '['))
			continue;
		skip_blanks(&line);
		if (!take_u64(&line, &s) || !take_char(&line, '.') || !take_u64(&line, &us) ||
		    !take_lit(&line, STR("] ")))
			continue;
		l->us = (int64_t)(s * 1000000 + us);
		l->text = line;
		n_lines++;
	}
	return n_lines > 50;
}

/* Without what the wrapping itself says: lines, times, host, text. */
static void without_wrapping(struct buf *out, struct str dump)
{
	static const struct str drop[] = {STR_INIT(" lines "), STR_INIT(" mono="),
					  STR_INIT(" wall="), STR_INIT(" host=\"")};
	struct str line;
	bool verbatim = false;

	while (take_line(&dump, &line)) {
		if (str_starts(line, STR("facts ")))
			break;
		if (str_eq(line, STR("  verbatim:")))
			verbatim = true;
		if (str_eq(line, STR("  end")))
			verbatim = false;
		if (verbatim)
			continue;
		if (str_starts(line, STR("event "))) {
			for (size_t i = 0; i < ARRAY_COUNT(drop); i++) {
				size_t at = str_find(line, drop[i]), to;
				struct str tail;

				if (at == SIZE_MAX)
					continue;
				tail = str_from(line, at + drop[i].n);
				to = str_find_char(tail, ' ');
				buf_add(out, str_sub(line, 0, at));
				line = to == SIZE_MAX ? (struct str){"", 0} : str_from(tail, to);
			}
		}
		for (size_t i = 0; i < line.n; i++) { /* wrapping eats double blanks */
			if (line.p[i] != ' ' || i == 0 || line.p[i - 1] != ' ')
				buf_addc(out, line.p[i]);
		}
		buf_addc(out, '\n');
	}
}

static void show(const char *golden, const char *name, struct str got, struct str want)
{
	struct str a, b;

	fprintf(stderr, "%s as %s is another:\n", golden, name);
	while (take_line(&want, &a)) {
		if (!take_line(&got, &b))
			b = STR("(nothing)");
		if (str_eq(a, b))
			continue;
		fprintf(stderr, "  want %.*s\n  got  %.*s\n", STR_ARG(str_sub(a, 0, 300)),
			STR_ARG(str_sub(b, 0, 300)));
		return;
	}
	fprintf(stderr, "  more: %.*s\n", STR_ARG(str_sub(got, 0, 300)));
}

static void all_wrappings(const char *golden)
{
	CLEANUP_BUF struct buf want = BUF_INIT(LARGEST);

	check(read_log(golden));
	for (size_t w = 0; w < ARRAY_COUNT(writers); w++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), dump = BUF_INIT(LARGEST);
		CLEANUP_BUF struct buf got = BUF_INIT(LARGEST);

		for (size_t i = 0; i < n_lines; i++)
			writers[w].write(&log, &lines[i], i, n_lines);
		check(dump_bytes(&dump, buf_str(&log), 0));
		if (w == 0) {
			without_wrapping(&want, buf_str(&dump));
			check(want.n > 500);
			continue;
		}
		without_wrapping(&got, buf_str(&dump));
		harness_checks++;
		if (str_eq(buf_str(&got), buf_str(&want)))
			continue;
		harness_failures++;
		show(golden, writers[w].name, buf_str(&got), buf_str(&want));
	}
}

/* More than a line may have, in front of it and behind: what is whole is read on the way. */
static void larger_than_a_line(const char *golden)
{
	static const char *const names[] = {
		"\\n in a syslog", "#012 in a syslog, all of it", "page, <br/>",
		"a form that makes blanks of newlines", "the same of a syslog", "CSV, all in one field",
		"CSV, all in one field, \\n",
	};
	enum { FILLING = 4000 }; /* lines of 70 bytes */
	static struct line all[2 * FILLING + ARRAY_COUNT(lines)];
	CLEANUP_BUF struct buf want = BUF_INIT(LARGEST);
	size_t n = 0;

	check(read_log(golden));
	for (; n < FILLING; n++)
		all[n] = (struct line){(int64_t)n, STR("usb 1-1: new high-speed USB device number 5 using xhci_hcd")};
	memcpy(all + n, lines, n_lines * sizeof(*lines));
	memcpy(all + n + n_lines, all, FILLING * sizeof(*all));
	n += n_lines + FILLING;
	for (size_t w = 0; w < ARRAY_COUNT(writers); w++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), dump = BUF_INIT(LARGEST);
		CLEANUP_BUF struct buf got = BUF_INIT(LARGEST);
		bool asked = w == 0;

		for (size_t k = 0; k < ARRAY_COUNT(names); k++)
			asked |= str_eq(str_of(writers[w].name), str_of(names[k]));
		if (!asked)
			continue;
		for (size_t i = 0; i < n; i++)
			writers[w].write(&log, &all[i], i, n);
		check(dump_bytes(&dump, buf_str(&log), 0));
		without_wrapping(w ? &got : &want, buf_str(&dump));
		harness_checks++;
		if (w == 0 || str_eq(buf_str(&got), buf_str(&want)))
			continue;
		harness_failures++;
		show(golden, writers[w].name, buf_str(&got), buf_str(&want));
	}
}

int main(int argc, char **argv)
{
	static const char *const golden[] = {
		"global-anon-6.12", "memcg-v2-6.12", "memcg-v2-nested-6.1", "frag-failure-6.1",
		"global-anon-6.1",
	};

	if (argc > 2) { /* show one: GOLDEN WRAPPING */
		if (!read_log(argv[1]))
			return EXIT_FAILURE;
		for (size_t w = 0; w < ARRAY_COUNT(writers); w++) {
			CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);

			if (!str_eq(str_of(writers[w].name), str_of(argv[2])))
				continue;
			for (size_t i = 0; i < n_lines; i++)
				writers[w].write(&log, &lines[i], i, n_lines);
			fwrite(log.p, 1, log.n, stdout);
		}
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < ARRAY_COUNT(golden); i++)
		all_wrappings(golden[i]);
	larger_than_a_line(golden[0]);
	buf_free(&source);
	return tests_done();
}
