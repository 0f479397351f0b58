hours-answer = O armazém está aberto das { $open } às { $close }.
