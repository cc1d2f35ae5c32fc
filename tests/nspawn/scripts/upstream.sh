git ls-remote https://github.com/fastai/fastai.git HEAD | cut -f 2
git -C fastai status --short --branch
