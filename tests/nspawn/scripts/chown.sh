touch mine
chown nosuch mine 2>/dev/null; echo $?
sudo chown nosuch mine 2>/dev/null; echo $?
sudo chown paperspace:paperspace mine; echo $?
stat -c '%U %G' mine
