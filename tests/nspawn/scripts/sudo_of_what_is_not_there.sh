sudo nosuch-command 2>/dev/null; echo $?
sudo -u nosuch true 2>/dev/null; echo $?
