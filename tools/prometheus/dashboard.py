# SPDX-License-Identifier: GPL-2.0
"""Prints a dashboard for Grafana of what tally counts, made with Grafana's foundation SDK.

    pip install --require-hashes -r sdk.txt
    python3 dashboard.py >tally-dashboard.json
"""

import json

from grafana_foundation_sdk.builders import dashboard, heatmap, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef, VariableOption
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
# Of the machines that are chosen, and of their events.
HERE = 'instance=~"$instance"'


def query(expression: str, legend: str) -> prometheus.Dataquery:
    """What a panel asks for."""
    return prometheus.Dataquery().expr(expression).legend_format(legend).datasource(SOURCE)


def line(title: str, unit: str, help_text: str,
         *queries: tuple[str, str]) -> timeseries.Panel:
    """A panel of lines over time."""
    panel = timeseries.Panel().title(title).description(help_text).unit(unit).datasource(SOURCE)
    panel = panel.min(0).span(12).height(8).fill_opacity(8)
    for expression, legend in queries:
        panel = panel.with_target(query(expression, legend))
    return panel


def number(title: str, help_text: str, expression: str) -> stat.Panel:
    """A panel of one number for each machine."""
    return stat.Panel().title(title).description(help_text).datasource(SOURCE).span(6).height(4) \
        .with_target(query(expression, "{{instance}}"))


def times() -> heatmap.Panel:
    """How long intervals were, over time."""
    expression = "sum by (le) (increase(tally_time_seconds_bucket{" \
        + HERE + ',begin=~"$begin"}[$__rate_interval]))'
    asked = query(expression, "{{le}}").format(PromQueryFormat.HEATMAP)
    return heatmap.Panel().title("How long intervals were").datasource(SOURCE) \
        .description("From one event to another on the same CPU. Each bucket is twice as long.") \
        .unit("s").span(12).height(8).with_target(asked)


def made() -> dashboard.Dashboard:
    """The dashboard."""
    everything = VariableOption(text="All", value="$__all")

    def choice(name: str, metric: str, label: str) -> dashboard.QueryVariable:
        return dashboard.QueryVariable(name).query(f"label_values({metric}, {label})") \
            .datasource(SOURCE).multi(True).include_all(True).current(everything)

    return dashboard.Dashboard("tally").uid("tally").tags(["tally"]).refresh("30s") \
        .time("now-1h", "now") \
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus")) \
        .with_variable(choice("instance", "tally_up", "instance")) \
        .with_variable(choice("begin", "tally_time_seconds_count", "begin")) \
        .with_row(dashboard.Row("Machines")) \
        .with_panel(number("tally is loaded", "1 where the exporter has read the file.",
                           f"tally_up{{{HERE}}}")) \
        .with_panel(number("CPUs online", "", f'tally_cpus{{{HERE},state="online"}}')) \
        .with_panel(number("Events enabled", "", f"tally_enabled_events{{{HERE}}}")) \
        .with_panel(number("Events are seen", "0 where the exporter lacks CAP_PERFMON.",
                           f"tally_exporter_sees_events{{{HERE}}}")) \
        .with_row(dashboard.Row("Kernel")) \
        .with_panel(line("Context switches", "ops", "From one task to another.",
                         (f"rate(tally_context_switches_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}}"))) \
        .with_panel(line("Interrupts", "ops", "Runs of handlers of devices, and of softirqs.",
                         (f"rate(tally_hardirqs_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}} hard"),
                         (f"rate(tally_softirqs_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}} soft"))) \
        .with_panel(line("Pages", "ops", "Allocated and given back, by the type of their zone.",
                         ("sum by (type) (rate(tally_zones_allocated_pages_total"
                          f"{{{HERE}}}[$__rate_interval]))", "{{type}} allocated"),
                         ("sum by (type) (rate(tally_zones_freed_pages_total"
                          f"{{{HERE}}}[$__rate_interval]))", "{{type}} freed"))) \
        .with_panel(line("CPUs that come and go", "short", "Since the beginning of the picture.",
                         (f"increase(tally_hotplug_online_total{{{HERE}}}[$__range])",
                          "{{instance}} online"),
                         (f"increase(tally_hotplug_dead_total{{{HERE}}}[$__range])",
                          "{{instance}} offline"))) \
        .with_row(dashboard.Row("Events")) \
        .with_panel(line("Events", "ops", "All machines that are chosen together.",
                         ("sum by (system, event) (rate(tally_events_total"
                          f"{{{HERE}}}[$__rate_interval]))", "{{system}}:{{event}}"))) \
        .with_panel(times()) \
        .with_row(dashboard.Row("Disks")) \
        .with_panel(line("Read and written", "Bps", "",
                         (f"rate(tally_disk_read_bytes_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}} {{disk}} read"),
                         (f"rate(tally_disk_written_bytes_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}} {{disk}} written"))) \
        .with_panel(line("Errors", "short", "",
                         (f"increase(tally_disk_errors_total{{{HERE}}}[$__rate_interval])",
                          "{{instance}} {{disk}}")))


if __name__ == "__main__":
    document = json.loads(JSONEncoder(sort_keys=True).encode(made().build()))
    # Grafana keeps what it does not know, so this stays with the file.
    document["__comment"] = "SPDX-License-Identifier: GPL-2.0. Made by dashboard.py."
    print(json.dumps(dict(sorted(document.items())), indent=2))
