{ echo x >/etc/mine; } 2>/dev/null; echo $?
{ echo x >/usr/local/bin/mine; } 2>/dev/null; echo $?
{ echo x >/tmp/mine; } 2>/dev/null; echo $?
