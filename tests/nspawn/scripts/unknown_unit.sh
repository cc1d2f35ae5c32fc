systemctl is-active nosuch; echo $?
systemctl is-enabled nosuch 2>/dev/null; echo $?
sudo systemctl start nosuch 2>/dev/null; echo $?
sudo systemctl restart nosuch 2>/dev/null; echo $?
