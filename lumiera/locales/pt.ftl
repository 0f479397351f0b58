yes = Sim
    .also = s|sim sim|pois|ok|okay|claro|está bem|tá bom|certo|isso mesmo|👍|✅
no = Não
    .also = n|não não|não obrigado|não obrigada|de modo nenhum|👎|❌
confirm = Confirmar
    .also = confirmo|confirmado|confirma|sim|s|ok|okay|claro|está bem|certo|enviar|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Cancelar
    .also = cancela|cancele|cancelado|anular|desistir|deixe estar
skip = Saltar
    .also = salta|pular|passar|passo|nada|nenhum|nenhuma|sem foto|não|n|não obrigado|não obrigada|⏭️
more = ➡️ Mais
    .also = seguinte|próximo|ver mais
# At any question too: no word that could answer one.
correct = Corrigir
    .also = corrijo|corrija|corrigir a resposta|quero corrigir|modificar|alterar|enganei-me|me enganei|errei|mudar a minha resposta
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Retomar
    .also = retoma|retomá-lo|continuar|voltar ao bot|falar com o bot
drop = Eliminar
    .also = elimina|elimine|apagar|apaga|apague|remover|excluir|deitar fora
choose = Escolher
numbers-hint = Responda com um número.

moment-now = Agora
    .also = agora mesmo|neste momento|já
moment-today = Hoje
    .also = hoje mesmo|esta manhã|esta tarde
moment-yesterday = Ontem
    .also = na véspera|ontem de manhã|ontem à tarde

undecided = Não percebi. Isto é o que sei fazer:
undecided-media = Recebi o seu ficheiro, mas não sei o que fazer com ele. Isto é o que sei fazer:
clarify = Não tenho a certeza de ter percebido. O que quer fazer?
question-missed = Não percebi a sua resposta.
question-human = Não consigo perceber a sua resposta. Também pode falar com alguém.
choice-gone = Esta opção já não é válida.
photo-added = Está bem, a foto foi adicionada.

dialogue-cancelled = Está bem, paro este pedido.
dialogue-draft = Este formulário mudou entretanto. As suas respostas estão guardadas. Quer recomeçar?
draft-restart = Recomeçar
dialogue-parked = Um pedido não está terminado: «{ $question }» Quer retomá-lo?
dialogue-dropped = Está bem, o pedido foi eliminado.
dialogue-failed = Desculpe, isto não funcionou. As suas respostas ficaram guardadas e a equipa pode vê-las.
correct-which = O que quer corrigir?
correct-nothing = De momento não há nada para corrigir.

voice-unheard = Não percebi a mensagem de voz. Escreva-a ou diga-a outra vez, por favor.
limited = Está a enviar muitas mensagens ao mesmo tempo. Ficam guardadas, mas não respondo a elas. Escreva-me de novo daqui a um minuto, por favor.
refused = Não conheço o seu número. Peça ao seu encarregado de obra para o registar.
blocked = O seu número está bloqueado. Fale com o seu encarregado de obra.
working = ⏳ Ainda estou a tratar do seu pedido…
apology = Desculpe, estamos a demorar demasiado. Tente de novo daqui a pouco, por favor.
turn-lost = Desculpe, não consegui tratar a sua mensagem. Ficou guardada e o problema foi comunicado. Tente de novo, por favor.

escalation-reached = ✅ O seu pedido chegou a uma pessoa da equipa ({ $time }). Ela vai responder-lhe aqui.
escalation-next = A pessoa de serviço não responde. Vou chamar outra pessoa da equipa.
escalation-nobody = Agora não consigo contactar ninguém da equipa. O seu pedido está guardado. Em caso de perigo, ligue para o 112. Escreva «{ resume }» para continuar comigo.
escalation-expired = Desculpe, a equipa não lhe respondeu a tempo. O seu pedido continua guardado. Estou de novo aqui para si.
escalation-handed-back = A conversa com a equipa terminou. Estou de novo aqui para si.
bot-resumed = Estou de volta. O que quer fazer?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) precisa de alguém: { $reason }. { $details }

    Responda a esta mensagem (deslize-a), ou: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Enviado a { $name }. Responda de novo da mesma forma; responda «{ resume }» para devolver a conversa ao assistente.
escalation-over = A conversa com { $name } terminou: o assistente volta a responder.
escalation-reason-asked = pede para falar com alguém
escalation-reason-task = pergunta sobre uma tarefa
escalation-reason-safety = pergunta de segurança
escalation-reason-other = outra pergunta
escalation-reason-slow = espera uma resposta há demasiado tempo
escalation-reason-undelivered = não recebeu a nossa resposta
escalation-reason-failed = não foi possível tratar a sua mensagem
escalation-reason-unfinished = um pedido importante não está terminado

language-name-fr = Francês
language-name-en = Inglês
language-name-es = Espanhol
language-name-pt = Português
language-name-de = Alemão
language-name-it = Italiano
language-name-ro = Romeno
language-name-pl = Polaco
language-name-ar = Árabe

media-too-large = Este ficheiro é demasiado grande para mim. Envie um mais pequeno, por favor.
media-refused = Não posso guardar este tipo de ficheiro. Envie uma foto, uma mensagem de voz, um vídeo ou um PDF.
media-broken = Não consigo ler este ficheiro. Envie-o outra vez, por favor.

error-user_1001 = Não encontro a sua conta. Peça ao seu encarregado de obra para o registar.
error-user_1002 = Não tem autorização para fazer isto. Fale com o seu encarregado de obra.
error-user_1003 = O seu número de telefone não é válido. Fale com o seu encarregado de obra.
error-project_2001 = Não encontro esta obra entre as suas. Verifique o nome, por favor.
error-project_2002 = Ainda não tem nenhuma obra. Peça ao seu encarregado de obra para lhe dar uma.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Não encontro esta tarefa. Escolha outra, por favor.
error-project_2005 = Não encontro este documento. Escolha outro, por favor.
error-integration_3001 = Desculpe, agora não consigo aceder aos dados. Tente de novo daqui a alguns minutos.
error-integration_3002 = Desculpe, agora não consigo aceder aos dados da obra. Tente de novo daqui a alguns minutos.
error-integration_3003 = Desculpe, não foi possível enviar a mensagem. Tente de novo daqui a alguns minutos.
error-integration_3004 = Desculpe, não consegui traduzir esta mensagem. Escreva-a com outras palavras.
error-integration_3005 = Desculpe, não consegui ouvir a sua mensagem de voz. Escreva-a, por favor.
error-logic_4001 = Não percebi o seu pedido. Escreva-o com outras palavras.
error-logic_4002 = Já não consigo fazer isto. Escolha outra coisa, por favor.
error-logic_4003 = Esta resposta não serve. Verifique-a e tente de novo.
error-logic_4004 = Perdi o fio da nossa conversa. Diga-me outra vez o que quer fazer.
error-system_5001 = Desculpe, há um problema do nosso lado. Tente de novo daqui a alguns minutos.
error-system_5002 = Desculpe, isto está a demorar demasiado. Tente de novo daqui a alguns minutos.
error-system_5003 = Desculpe, este serviço não funciona de momento. Tente mais tarde.
error-system_5004 = Desculpe, agora não consigo responder a isto. Tente mais tarde.
