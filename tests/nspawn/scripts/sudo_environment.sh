FOO=bar sudo printenv FOO; echo $?
sudo FOO=bar printenv FOO
sudo env A=1 sh -c 'echo $A'
for name in HOME USER LOGNAME SUDO_USER SUDO_UID; do sudo printenv $name; done
sudo printenv PATH
