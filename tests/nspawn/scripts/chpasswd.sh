echo paperspace:x | chpasswd 2>/dev/null; [ $? != 0 ] && echo refused
echo nocolon | sudo chpasswd 2>/dev/null; echo $?
echo nosuch:x | sudo chpasswd 2>/dev/null; echo $?
printf 'paperspace:a b:c\nroot:other\n' | sudo chpasswd; echo $?
