yes = نعم
    .also = أجل|ايوه|أيوة|اي|تمام|حسنًا|طيب|موافق|صحيح|ok|👍|✅
no = لا
    .also = كلا|لا لا|لا شكرًا|أبدًا|👎|❌
confirm = تأكيد
    .also = أؤكد|أكد|مؤكد|نعم|أجل|ايوه|تمام|موافق|أرسل|ok|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = إلغاء
    .also = الغ|الغي|الغاء الطلب|أريد الإلغاء
skip = تخطي
    .also = تخطى|تجاوز|لا شيء|لا يوجد|بدون صورة|بدون صور|لا|كلا|لا شكرًا|⏭️
more = ⬅️ المزيد
    .also = التالي|أكثر
# At any question too: no word that could answer one.
correct = تصحيح
    .also = صحح|أصحح|أريد التصحيح|تعديل|عدل|أخطأت|غلطت|غير الإجابة
# Calls the bot back from the team too: no word that people say to each other in passing.
resume = استئناف
    .also = استأنف|متابعة|متابعه|المتابعة|العودة إلى البوت|ارجع إلى البوت
drop = حذف
    .also = احذف|احذفه|امسح|مسح|إزالة|شيل
choose = اختيار
    .also = اختر
numbers-hint = أجب برقم.

moment-now = الآن
    .also = حالا|هلق|دابا|في هذه اللحظة
moment-today = اليوم
    .also = هذا اليوم|هذا الصباح|اليوم صباحا
moment-yesterday = أمس
    .also = البارحة|امبارح|مبارح|أمس صباحا

undecided = لم أفهم. هذا ما يمكنني فعله:
undecided-media = وصل ملفك، لكني لا أعرف ماذا أفعل به. هذا ما يمكنني فعله:
clarify = لست متأكدًا أنني فهمت. ماذا تريد أن تفعل؟
question-missed = لم أفهم إجابتك.
question-human = لا أستطيع أن أفهم إجابتك. يمكنك أيضًا أن تتحدث مع شخص من الفريق.
choice-gone = هذا الاختيار لم يعد صالحًا.
photo-added = حسنًا، أُضيفت الصورة.

dialogue-cancelled = حسنًا، أوقفت هذا الطلب.
dialogue-draft = تغيّرت هذه الاستمارة في هذه الأثناء. إجاباتك محفوظة. هل تريد البدء من جديد؟
draft-restart = البدء من جديد
dialogue-parked = هناك طلب لم يكتمل: «{ $question }» هل تريد استئنافه؟
dialogue-dropped = حسنًا، حُذف الطلب.
dialogue-failed = عذرًا، لم ينجح الأمر. إجاباتك محفوظة ويمكن للفريق أن يراها.
correct-which = ماذا تريد أن تصحح؟
correct-nothing = لا يوجد شيء لتصحيحه الآن.

voice-unheard = لم أفهم الرسالة الصوتية. من فضلك اكتبها أو قلها مرة أخرى.
limited = أنت ترسل رسائل كثيرة في وقت واحد. رسائلك محفوظة، لكني لا أجيب عنها. من فضلك اكتب لي مرة أخرى بعد دقيقة.
refused = لا أعرف رقمك. اطلب من مدير الموقع أن يسجلك.
blocked = رقمك محظور. تحدث مع مدير الموقع.
working = ⏳ ما زلت أعمل على طلبك…
apology = عذرًا، الأمر يستغرق وقتًا طويلًا عندنا. من فضلك حاول مرة أخرى بعد قليل.
turn-lost = عذرًا، لم أتمكن من معالجة رسالتك. الرسالة محفوظة وتم الإبلاغ عن المشكلة. من فضلك حاول مرة أخرى.

escalation-reached = ✅ وصل طلبك إلى شخص من الفريق ({ $time }). سيجيبك هنا.
escalation-next = الشخص المناوب لا يجيب. سأتصل بشخص آخر من الفريق.
escalation-nobody = لا أستطيع الوصول إلى أحد من الفريق الآن. طلبك محفوظ. في حالة الخطر، اتصل بالرقم 112. اكتب «{ resume }» للمتابعة معي.
escalation-expired = عذرًا، لم يجبك الفريق في الوقت المناسب. ما زال طلبك محفوظًا. أنا هنا من جديد لمساعدتك.
escalation-handed-back = انتهت المحادثة مع الفريق. أنا هنا من جديد لمساعدتك.
bot-resumed = عدت إليك. ماذا تريد أن تفعل؟
# To whoever is on call; after the colon stands one of the reasons below.
escalation-ring =
    🔔 { $name } ({ $phone }) يحتاج إلى شخص: { $reason }. { $details }

    للرد، ردّ على هذه الرسالة (اسحبها) أو: lumiera escalations answer { $id } "..."
escalation-passed-on = ✅ وصلت رسالتك إلى { $name }. ردّ مرة أخرى بالطريقة نفسها، أو ردّ بكلمة «{ resume }» لإعادة المحادثة إلى المساعد.
escalation-over = انتهت المحادثة مع { $name }، والمساعد يرد عليه من جديد.
escalation-reason-asked = يطلب التحدث مع شخص
escalation-reason-task = سؤال عن مهمة
escalation-reason-safety = سؤال عن السلامة
escalation-reason-other = سؤال آخر
escalation-reason-slow = ينتظر إجابة منذ وقت طويل
escalation-reason-undelivered = لم تصله إجابتنا
escalation-reason-failed = لم نتمكن من معالجة رسالته
escalation-reason-unfinished = طلب مهم لم يكتمل

language-name-fr = الفرنسية
language-name-en = الإنجليزية
language-name-es = الإسبانية
language-name-pt = البرتغالية
language-name-de = الألمانية
language-name-it = الإيطالية
language-name-ro = الرومانية
language-name-pl = البولندية
language-name-ar = العربية

media-too-large = هذا الملف كبير جدًا بالنسبة لي. من فضلك أرسل ملفًا أصغر.
media-refused = لا يمكنني حفظ هذا النوع من الملفات. أرسل صورة أو رسالة صوتية أو فيديو أو ملف بي دي إف.
media-broken = لا أستطيع قراءة هذا الملف. من فضلك أرسله مرة أخرى.

error-user_1001 = لا أجد حسابك. اطلب من مدير الموقع أن يسجلك.
error-user_1002 = ليس لديك إذن لفعل هذا. تحدث مع مدير الموقع.
error-user_1003 = رقم هاتفك غير صالح. تحدث مع مدير الموقع.
error-project_2001 = لا أجد هذا الموقع بين مواقعك. من فضلك تأكد من الاسم.
error-project_2002 = ليس لديك موقع عمل بعد. اطلب من مدير الموقع أن يضيفك إلى موقع.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = لا أجد هذه المهمة. من فضلك اختر مهمة أخرى.
error-project_2005 = لا أجد هذا المستند. من فضلك اختر مستندًا آخر.
error-integration_3001 = عذرًا، لا يمكنني الوصول إلى البيانات الآن. حاول مرة أخرى بعد بضع دقائق.
error-integration_3002 = عذرًا، لا يمكنني الوصول إلى بيانات الموقع الآن. حاول مرة أخرى بعد بضع دقائق.
error-integration_3003 = عذرًا، لم يتم إرسال الرسالة. حاول مرة أخرى بعد بضع دقائق.
error-integration_3004 = عذرًا، لم أتمكن من ترجمة هذه الرسالة. اكتبها بكلمات أخرى.
error-integration_3005 = عذرًا، لم أتمكن من سماع رسالتك الصوتية. من فضلك اكتبها.
error-logic_4001 = لم أفهم طلبك. اكتبه بكلمات أخرى.
error-logic_4002 = لم يعد بإمكاني فعل هذا. من فضلك اختر شيئًا آخر.
error-logic_4003 = هذه الإجابة غير مناسبة. تأكد منها وحاول مرة أخرى.
error-logic_4004 = فقدت تسلسل محادثتنا. من فضلك قل لي مرة أخرى ماذا تريد أن تفعل.
error-system_5001 = عذرًا، هناك مشكلة من جهتنا. حاول مرة أخرى بعد بضع دقائق.
error-system_5002 = عذرًا، هذا يستغرق وقتًا طويلًا. حاول مرة أخرى بعد بضع دقائق.
error-system_5003 = عذرًا، هذه الخدمة لا تعمل الآن. حاول لاحقًا.
error-system_5004 = عذرًا، لا يمكنني الإجابة عن هذا الآن. حاول لاحقًا.
