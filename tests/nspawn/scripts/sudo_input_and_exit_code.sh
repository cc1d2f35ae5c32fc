echo in | sudo cat
sudo sh -c 'exit 7'
