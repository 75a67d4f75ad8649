/* SPDX-License-Identifier: MIT */
/* handlers.h - private to parse/: who reads which lines. kinds.c has the table of them; each is true
 * when the line was its own. `rest` is the text behind the literal that the table names. */
#ifndef OOMREPORT_PARSE_HANDLERS_H
#define OOMREPORT_PARSE_HANDLERS_H

#include "parse/rows.h"

#define HANDLER(name) bool name(struct parser *p, struct piece *pc, struct str rest)

/* event_head.c */
HANDLER(on_invoked);
HANDLER(on_invoked_only);
HANDLER(on_old_header);
HANDLER(on_page_failure);
HANDLER(on_page_stall);
HANDLER(on_old_failure);
HANDLER(on_slab_failure);
HANDLER(on_slab_detail);
HANDLER(on_vmalloc_failure);
HANDLER(on_vmap_failure);
HANDLER(on_vmemmap_failure);
HANDLER(on_cpuset);
HANDLER(on_sysrq);
HANDLER(on_oom_policy);

/* event_kill.c */
HANDLER(on_summary);
HANDLER(on_out_of_memory);
HANDLER(on_killed);
HANDLER(on_sharing);
HANDLER(on_no_killable);
HANDLER(on_panic);
HANDLER(on_vm_killing);
HANDLER(on_group);
HANDLER(on_ignored);
HANDLER(on_spared);

/* event_reaper.c */
HANDLER(on_reaped);
HANDLER(on_reaper_gave_up);

/* event_mem.c */
HANDLER(on_mem_info);
HANDLER(on_totals);
HANDLER(on_node);
HANDLER(on_zone);
HANDLER(on_nameless_buddy);
HANDLER(on_lowmem_reserve);
HANDLER(on_per_cpu);
HANDLER(on_swap_line);
HANDLER(on_count_line);
HANDLER(on_slab_head);
HANDLER(on_allocs_head);
HANDLER(on_slab_excessive);

/* event_task.c */
HANDLER(on_tasks_state);
HANDLER(on_table_head);
HANDLER(on_task_row);

/* event_memcg.c */
HANDLER(on_task_in);
HANDLER(on_limit_reached);
HANDLER(on_counter);
HANDLER(on_stats);
HANDLER(on_protection);

/* event_stack.c */
HANDLER(on_cpu_line);
HANDLER(on_pid_line);
HANDLER(on_process);
HANDLER(on_hardware);
HANDLER(on_workqueue);
HANDLER(on_call_trace);
HANDLER(on_frame);
HANDLER(on_stack_noise);
HANDLER(on_end_trace);
HANDLER(on_elided);
HANDLER(on_banner);
HANDLER(on_command_line);
HANDLER(on_lost);
HANDLER(on_context);

#endif
