id -u; id -un; id -Gn | tr ' ' '\n' | sort
pwd
echo "$HOME $USER $LOGNAME $SHELL"
