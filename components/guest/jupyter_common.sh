# What the Jupyter step's check and its body agree on. Takes PORT and TOKEN_DIGEST.

export LC_ALL=C.UTF-8
root=${GUEST_ROOT:-}
service=jupyter
unit=$root/etc/systemd/system/$service.service
token_file=$HOME/.jupyter/notebook_token
environment=$HOME/anaconda3/envs/fastai
# Jupyter Server reads both and lets the second win; classic notebook, before 7, reads the first. Names: NotebookApp in
# classic notebook; ServerApp in Jupyter Server, whose token is IdentityProvider's since 2.
config_files=("$HOME/.jupyter/jupyter_notebook_config.py" "$HOME/.jupyter/jupyter_server_config.py")

digest() { sha256sum | cut -c 1-12; }

config_text() {
  cat <<END
# Written by the fastai stack; a change here is drift and is put back. Your own settings: ~/.jupyter/jupyter_config.py
from importlib import import_module
from pathlib import Path


def major(package):
    try:
        return int(import_module(package).__version__.split(".")[0])
    except ImportError:
        return 0


c = get_config()
token = Path("$token_file").read_text().strip()
readers = [c.ServerApp]
c.ServerApp.root_dir = "$HOME/fastai"
if major("jupyter_server") >= 2:
    c.IdentityProvider.token = token
else:
    c.ServerApp.token = token
if 0 < major("notebook") < 7:
    readers.append(c.NotebookApp)
    c.NotebookApp.notebook_dir = "$HOME/fastai"
    c.NotebookApp.token = token
for reader in readers:
    reader.ip = "localhost"
    reader.port = $PORT
    reader.port_retries = 0
    reader.open_browser = False
    reader.allow_remote_access = True
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
