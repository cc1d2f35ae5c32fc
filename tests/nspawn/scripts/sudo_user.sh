sudo id -un; sudo -u paperspace id -un; sudo -n true; echo $?
