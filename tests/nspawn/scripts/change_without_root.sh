systemctl daemon-reload 2>/dev/null; [ $? != 0 ] && echo refused
systemctl restart ssh 2>/dev/null; [ $? != 0 ] && echo refused
