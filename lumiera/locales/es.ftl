yes = Sí
    .also = s|sip|ok|okay|vale|claro|de acuerdo|correcto|así es|👍|✅
no = No
    .also = n|nop|no no|no gracias|para nada|👎|❌
confirm = Confirmar
    .also = confirmo|confirmado|confirma|sí|s|vale|ok|okay|claro|de acuerdo|enviar|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Cancelar
    .also = cancela|cancele|cancelado|anular|anula|abandonar|déjalo
skip = Saltar
    .also = salta|omitir|pasar|paso|nada|ninguno|ninguna|sin foto|no|n|no gracias|⏭️
more = ➡️ Más
    .also = siguiente|ver más
# At any question too: no word that could answer one.
correct = Corregir
    .also = corrijo|corrija|corregir la respuesta|quiero corregir|modificar|modifico|me equivoqué|me he equivocado|cambiar mi respuesta
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = Retomar
    .also = retoma|retomarla|reanudar|continuar|volver al bot|hablar con el bot
drop = Eliminar
    .also = elimina|elimine|elimínala|borrar|borra|borre|bórrala|suprimir|quitar
choose = Elegir
numbers-hint = Responda con un número.

moment-now = Ahora
    .also = ahora mismo|ahorita|en este momento|ya
moment-today = Hoy
    .also = hoy mismo|esta mañana|esta tarde
moment-yesterday = Ayer
    .also = el día anterior|ayer por la mañana|ayer por la tarde

undecided = No he entendido. Esto es lo que puedo hacer:
undecided-media = He recibido su archivo, pero no sé qué hacer con él. Esto es lo que puedo hacer:
clarify = No estoy seguro de entender. ¿Qué quiere hacer?
question-missed = No he entendido su respuesta.
question-human = No consigo entender su respuesta. También puede hablar con alguien.
choice-gone = Esta opción ya no es válida.
photo-added = De acuerdo, la foto está añadida.

dialogue-cancelled = De acuerdo, dejo esta solicitud.
dialogue-draft = Este formulario ha cambiado mientras tanto. Sus respuestas están guardadas. ¿Quiere empezar de nuevo?
draft-restart = Empezar de nuevo
dialogue-parked = Una solicitud no está terminada: «{ $question }» ¿Quiere retomarla?
dialogue-dropped = De acuerdo, la solicitud está eliminada.
dialogue-failed = Lo siento, no ha funcionado. Sus respuestas están guardadas y el equipo puede verlas.
correct-which = ¿Qué quiere corregir?
correct-nothing = De momento no hay nada que corregir.

voice-unheard = No he entendido el mensaje de voz. Escríbalo o dígalo otra vez, por favor.
limited = Está enviando muchos mensajes a la vez. Se guardan, pero no los contesto. Escríbame de nuevo en un minuto, por favor.
refused = No conozco su número. Pida a su jefe de obra que le registre.
blocked = Su número está bloqueado. Hable con su jefe de obra.
working = ⏳ Sigo trabajando en su solicitud…
apology = Lo siento, estamos tardando demasiado. Inténtelo de nuevo en un momento, por favor.
turn-lost = Lo siento, no he podido atender su mensaje. Está guardado y hemos avisado del problema. Inténtelo de nuevo, por favor.

escalation-reached = ✅ Su solicitud ha llegado a una persona del equipo ({ $time }). Le responderá aquí.
escalation-next = La persona de guardia no responde. Llamo a otra persona del equipo.
escalation-nobody = Ahora no consigo contactar con nadie del equipo. Su solicitud está guardada. En caso de peligro, llame al 112. Escriba «{ resume }» para seguir conmigo.
escalation-expired = Lo siento, el equipo no le ha respondido a tiempo. Su solicitud sigue guardada. Estoy de nuevo aquí para usted.
escalation-handed-back = La conversación con el equipo ha terminado. Estoy de nuevo aquí para usted.
bot-resumed = Aquí estoy de nuevo. ¿Qué quiere hacer?
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) necesita a alguien: { $reason }. { $details }

    Responda a este mensaje (deslícelo), o: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ Enviado a { $name }. Responda otra vez de la misma manera; responda «{ resume }» para devolver la conversación al asistente.
escalation-over = La conversación con { $name } ha terminado: el asistente vuelve a responder.
escalation-reason-asked = pide hablar con alguien
escalation-reason-task = pregunta sobre una tarea
escalation-reason-safety = pregunta de seguridad
escalation-reason-other = otra pregunta
escalation-reason-slow = lleva demasiado tiempo esperando una respuesta
escalation-reason-undelivered = no ha recibido nuestra respuesta
escalation-reason-failed = no se ha podido atender su mensaje
escalation-reason-unfinished = una solicitud importante no está terminada

language-name-fr = Francés
language-name-en = Inglés
language-name-es = Español
language-name-pt = Portugués
language-name-de = Alemán
language-name-it = Italiano
language-name-ro = Rumano
language-name-pl = Polaco
language-name-ar = Árabe

media-too-large = Este archivo es demasiado grande para mí. Envíe uno más pequeño, por favor.
media-refused = No puedo guardar este tipo de archivo. Envíe una foto, un mensaje de voz, un vídeo o un PDF.
media-broken = No puedo leer este archivo. Envíelo otra vez, por favor.

error-user_1001 = No encuentro su cuenta. Pida a su jefe de obra que le registre.
error-user_1002 = No tiene permiso para hacer esto. Hable con su jefe de obra.
error-user_1003 = Su número de teléfono no es válido. Hable con su jefe de obra.
error-project_2001 = No encuentro esta obra entre las suyas. Compruebe el nombre, por favor.
error-project_2002 = Todavía no tiene ninguna obra. Pida a su jefe de obra que le asigne una.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = No encuentro esta tarea. Elija otra, por favor.
error-project_2005 = No encuentro este documento. Elija otro, por favor.
error-integration_3001 = Lo siento, ahora no puedo acceder a los datos. Inténtelo de nuevo en unos minutos.
error-integration_3002 = Lo siento, ahora no puedo acceder a los datos de la obra. Inténtelo de nuevo en unos minutos.
error-integration_3003 = Lo siento, no se ha podido enviar el mensaje. Inténtelo de nuevo en unos minutos.
error-integration_3004 = Lo siento, no he podido traducir este mensaje. Escríbalo con otras palabras.
error-integration_3005 = Lo siento, no he podido escuchar su mensaje de voz. Escríbalo, por favor.
error-logic_4001 = No he entendido su solicitud. Escríbala con otras palabras.
error-logic_4002 = Ya no puedo hacer esto. Elija otra cosa, por favor.
error-logic_4003 = Esta respuesta no es correcta. Revísela e inténtelo de nuevo.
error-logic_4004 = He perdido el hilo de la conversación. Dígame otra vez qué quiere hacer.
error-system_5001 = Lo siento, hay un problema por nuestra parte. Inténtelo de nuevo en unos minutos.
error-system_5002 = Lo siento, esto tarda demasiado. Inténtelo de nuevo en unos minutos.
error-system_5003 = Lo siento, este servicio no funciona ahora. Inténtelo más tarde.
error-system_5004 = Lo siento, ahora no puedo responder a esto. Inténtelo más tarde.
