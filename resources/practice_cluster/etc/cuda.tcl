#%Module5.0
module-whatis "CUDA 11.8, by name only: there is no GPU in a practice cluster"
setenv CUDA_HOME /usr/local/cuda-11.8
