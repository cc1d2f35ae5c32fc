# The course's environment in LOGIN's home, made by the machine's own Python; UPPER receives what differs from LOWER.
# Takes LOWER, UPPER, SCRATCH, LOGIN, LOGIN_ID, IMAGE, UV, UV_INSIDE, CACHE, CACHE_INSIDE, and the variables that say
# where packages come from.

root=$SCRATCH/root
home=/home/$LOGIN
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$SCRATCH/work" "$root"

mkdir -p "$root$home/data" "$root$home/downloads" "$root$home/anaconda3/bin" "$root$home/anaconda3/envs"
cat "$IMAGE/home/bashrc.fastai" >>"$root$home/.bashrc"
cp "$IMAGE/home/activate" "$root$home/anaconda3/bin/activate"
ln -s /usr/local/bin/conda "$root$home/anaconda3/bin/conda"
cp "$IMAGE/requirements.txt" "$root/var/tmp/requirements.txt"
chown -R "$LOGIN_ID:$LOGIN_ID" "$root$home"

# The machine's python imports ruamel and the stand-in of conda from here.
mkdir -p "$root${UV_INSIDE%/*}"
: >"$root$UV_INSIDE"
mkdir -p "$root$CACHE_INSIDE"
passed_on=$(env | sed -n 's/^\(\(UV_\|SSL_CERT_\)[A-Z_]*\|[A-Za-z]*_\(proxy\|PROXY\)\)=.*/--setenv=\1/p' | grep -vE '=UV(_INSIDE)?$' || true)
# shellcheck disable=SC2086 # one word a variable
inside() {
  systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --resolv-conf=bind-host --timezone=off \
    --bind-ro="$UV:$UV_INSIDE" --bind="$CACHE:$CACHE_INSIDE" ${SSL_CERT_FILE:+--bind-ro="$SSL_CERT_FILE"} \
    --user="$LOGIN" --setenv=UV_CACHE_DIR="$CACHE_INSIDE" --setenv=UV_LINK_MODE=copy --setenv=UV_NO_CONFIG=1 \
    --setenv=UV_PYTHON_DOWNLOADS=never $passed_on --console=pipe "$@"
}
environment=$home/anaconda3/envs/fastai
inside "$UV_INSIDE" venv -q --relocatable --python /usr/bin/python3 "$environment"
inside "$UV_INSIDE" pip install -q --compile-bytecode --python "$environment/bin/python" --require-hashes -r /var/tmp/requirements.txt

site=$(echo "$root$environment"/lib/python3*/site-packages)
printf '../../../../../../fastai\n' >"$site/fastai.pth" # `import fastai` anywhere
chown "$LOGIN_ID:$LOGIN_ID" "$site/fastai.pth"
rm -f "$root/var/tmp/requirements.txt" "$UPPER/etc/resolv.conf"
