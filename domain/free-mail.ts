// Domains that hand out mail boxes to everybody: an address there says nothing about where somebody works.

const FREE_MAIL = new Set(
  `gmail.com googlemail.com outlook.com outlook.fr outlook.de outlook.es hotmail.com hotmail.co.uk hotmail.fr hotmail.de
  hotmail.it hotmail.es live.com live.co.uk live.fr live.de live.nl msn.com passport.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de
  yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.co.in yahoo.in yahoo.co.jp yahoo.com.au ymail.com
  rocketmail.com myyahoo.com icloud.com me.com mac.com aol.com aol.co.uk aim.com gmx.de gmx.net gmx.com gmx.at gmx.ch gmx.fr web.de
  freenet.de t-online.de arcor.de mail.de posteo.de mailbox.org proton.me protonmail.com protonmail.ch pm.me tutanota.com
  tutanota.de tuta.io tuta.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu yandex.com yandex.ru ya.ru
  mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru ukr.net qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn
  sohu.com aliyun.com naver.com hanmail.net daum.net kakao.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
  bbox.fr libero.it virgilio.it tin.it alice.it tiscali.it email.it uol.com.br bol.com.br terra.com.br ig.com.br
  globo.com btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net blueyonder.co.uk comcast.net verizon.net
  att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com optonline.net rogers.com shaw.ca sympatico.ca
  telus.net bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz rediffmail.com seznam.cz centrum.cz wp.pl o2.pl onet.pl
  interia.pl op.pl abv.bg telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl bluewin.ch sunrise.ch telia.com
  mail.com email.com usa.com inbox.com mail.ee hushmail.com duck.com privaterelay.appleid.com mozmail.com
  mailinator.com guerrillamail.com 10minutemail.com yopmail.com`.split(/\s+/),
);

/** Whether everybody can have an address at this domain. */
export function isFreeMailDomain(domain: string): boolean {
  return FREE_MAIL.has(domain.toLowerCase());
}
