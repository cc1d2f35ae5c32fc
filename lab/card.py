"""What a student reads when the machine is up: how to reach it, where the notebook is, what it costs."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from lab.outputs import Outputs

CARD = """\
{% if o.is_stopped %}
Your fast.ai machine {{ o.machine_id }} is off (power: stopped): {{ o.machine_type }} in {{ o.region }}.

Start it   {{ o.way_to_start | replace("`", "") }}
Delete it  make down         starts it to archive your home folder, then deletes it and its disk
{% else %}
Your fast.ai machine {{ o.machine_id }} is ready: {{ o.machine_type }} in {{ o.region }}.

Notebook   {{ o.notebook_url }}
           make notebook     opens the tunnel and prints the address with its token
Shell      make ssh
Stop it    make down         archives your home folder, then deletes the machine and its disk
{% endif %}

SSH configuration, written to ~/.ssh/config.d/{{ o.ssh_alias }}:

{{ o.ssh_config | trim | indent(4, first=true) }}

Tunnel without make:

    {{ o.tunnel_command }}

Cost       ${{ '%.2f' % o.hourly_rate }} an hour while it runs
           ${{ '%.2f' % o.monthly_fixed }} a month for disk and address, also while it is off
           ${{ '%.2f' % o.monthly_estimate }} a month at {{ o.hours_per_week }} hours a week
"""


def render(outputs: Outputs) -> str:
    """The card as plain text. Holds no secret."""
    template = Environment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, trim_blocks=True
    ).from_string(CARD)
    return template.render(o=outputs)
