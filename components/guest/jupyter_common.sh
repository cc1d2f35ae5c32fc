# What the Jupyter step's check and its body agree on. Takes PORT and TOKEN_DIGEST.

export LC_ALL=C.UTF-8
root=${GUEST_ROOT:-}
service=jupyter
unit=$root/etc/systemd/system/$service.service
token_file=$HOME/.jupyter/notebook_token
environment=$HOME/anaconda3/envs/fastai
# Jupyter Server reads both and lets the second win; classic notebook reads the first.
config_files=("$HOME/.jupyter/jupyter_notebook_config.py" "$HOME/.jupyter/jupyter_server_config.py")

digest() { sha256sum | cut -c 1-12; }

config_text() {
  cat <<END
# Written by the fastai stack; a change here is drift and is put back. Your own settings: ~/.jupyter/jupyter_config.py
from pathlib import Path

from notebook import __version__

c = get_config()
token = Path("$token_file").read_text().strip()
if int(__version__.split(".")[0]) < 7:
    server = c.NotebookApp
    c.NotebookApp.token = token
    c.NotebookApp.notebook_dir = "$HOME/fastai"
else:
    server = c.ServerApp
    c.IdentityProvider.token = token
    c.ServerApp.root_dir = "$HOME/fastai"
server.ip = "localhost"
server.port = $PORT
server.port_retries = 0
server.open_browser = False
server.allow_remote_access = True
END
}

unit_text() {
  cat <<END
[Unit]
Description=Jupyter notebook for fast.ai
After=network.target

[Service]
User=$(id -un)
WorkingDirectory=$HOME/fastai
Environment=HOME=$HOME
Environment=PATH=$environment/bin:$HOME/anaconda3/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=$environment/bin/jupyter notebook --no-browser
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
END
}

# The status of GET /api/status with the token, without a process whose arguments could be seen.
answer_on_port() {
  local line
  {
    printf 'GET /api/status HTTP/1.0\r\nHost: localhost\r\nAuthorization: token %s\r\n\r\n' "$(cat "$token_file")" >&3
    IFS= read -r -t 5 line <&3
  } 3<>"/dev/tcp/localhost/$PORT" || return 1
  line=${line#* }
  echo "${line%% *}"
}
