who | wc -l
wall hello; echo $?
