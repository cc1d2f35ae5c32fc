timeout 5 bash -c '</dev/tcp/192.0.2.1/80' 2>/dev/null; [ $? != 0 ] && echo "no way out"
