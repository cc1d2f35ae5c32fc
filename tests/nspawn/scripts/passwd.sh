printf 'paperspace:a b:c\nroot:other\n' | sudo chpasswd
for user in paperspace root; do sudo passwd -S $user | cut -d ' ' -f 1,2; done
sudo passwd -l root >/dev/null 2>&1; echo $?
sudo passwd -S root | cut -d ' ' -f 1,2
