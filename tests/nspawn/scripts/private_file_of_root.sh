umask 077
sudo mkdir -p /var/lib/theirs
sudo touch /var/lib/theirs/file
cat /var/lib/theirs/file 2>/dev/null; echo $?
sudo cat /var/lib/theirs/file; echo $?
