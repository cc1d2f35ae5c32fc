sudo sh -c umask
umask 077; sudo sh -c umask
umask 002; sudo sh -c umask
