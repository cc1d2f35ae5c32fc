~/anaconda3/bin/conda --version
~/anaconda3/bin/conda env list | awk '{print $1, $NF}'
cd fastai && ~/anaconda3/bin/conda env update -f environment.yml 2>/dev/null | tail -n 2; echo $?
~/anaconda3/envs/fastai/bin/python -c 'import fastai, notebook, sys; print(fastai.__version__, notebook.__version__, sys.version_info[:2])'
