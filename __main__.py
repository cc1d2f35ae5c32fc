"""One student's machine: settings -> Workstation -> outputs."""

import pulumi

from components import configuration
from components.workstation import Workstation

settings = configuration.load()
workstation = Workstation(pulumi.get_stack(), settings)

pulumi.export("machine_id", workstation.machine.id)
pulumi.export("region", workstation.machine.region)
pulumi.export("machine_type", workstation.machine.machine_type)
pulumi.export("public_ip", workstation.public_ip)
pulumi.export("ssh_alias", workstation.ssh_alias)
pulumi.export("ssh_host", workstation.ssh_host)
pulumi.export("ssh_port", settings.ssh_port)
pulumi.export("ssh_user", workstation.ssh_user)
pulumi.export("known_hosts", workstation.known_hosts)
pulumi.export("private_key", workstation.private_key)
pulumi.export("ssh_config", workstation.ssh_config)
pulumi.export("tunnel_command", workstation.tunnel_command)
pulumi.export("notebook_url", workstation.notebook_url)
pulumi.export("notebook_token", workstation.notebook_token)
pulumi.export("notebook_port", settings.notebook_port)
pulumi.export("local_port", settings.local_port)
pulumi.export("power", settings.power)
pulumi.export("hourly_rate", workstation.machine.hourly_rate)
pulumi.export("monthly_fixed", workstation.machine.monthly_fixed)
pulumi.export("monthly_estimate", workstation.monthly_estimate)
pulumi.export("hours_per_week", settings.hours_per_week)
