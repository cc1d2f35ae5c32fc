sudo install -m 640 -o root -g root /etc/hostname /var/lib/installed; sudo stat -c %a /var/lib/installed
umask 077
sudo install -d -m 755 /var/lib/one/two; stat -c %a /var/lib/one/two
